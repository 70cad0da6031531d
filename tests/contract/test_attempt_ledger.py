"""The AttemptLedger contract, for the shared ring and the fake; and the ring's bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.adapters.attempt_ledger.null import NullAttemptLedger
from llm_gateway.adapters.attempt_ledger.shared_ring import SharedRingLedger
from llm_gateway.application.ports.attempt_ledger import AttemptLedger
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from tests.fakes.attempt_ledger import FakeAttemptLedger
from tests.fakes.identifiers import FakeIdentifiers


def attempt(model: str = "gpt-4o") -> Attempt:
    return Attempt(
        target=Target("openai", model), outcome="rejected", started_ms=0.25, duration_ms=12.5, status=429
    )


@pytest.fixture(params=["fake", "ring"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AttemptLedger:
    return FakeAttemptLedger() if request.param == "fake" else SharedRingLedger(tmp_path, 0)


def test_what_was_kept_is_found(ledger: AttemptLedger) -> None:
    """In order, every field."""
    attempts = [attempt(), attempt('claude\n"x" é')]
    ledger.keep("d-1", attempts)
    assert ledger.find("d-1") == [made.as_record() for made in attempts]


def test_what_was_not_kept_is_not_found(ledger: AttemptLedger) -> None:
    """Nor half an id."""
    ledger.keep("d-12", [attempt()])
    assert ledger.find("d-1") is None
    assert ledger.find("12") is None


def test_the_null_ledger_remembers_nothing() -> None:
    """The default of a process that serves nobody."""
    ledger = NullAttemptLedger()
    ledger.keep("d-1", [attempt()])
    assert ledger.find("d-1") is None


def test_every_worker_finds_it(tmp_path: Path) -> None:
    """Whichever worker is asked."""
    one, other = SharedRingLedger(tmp_path, 0), SharedRingLedger(tmp_path, 1)
    one.keep("d-1", [attempt()])
    assert other.find("d-1") == one.find("d-1") != None  # noqa: E711


def test_the_oldest_make_room(tmp_path: Path) -> None:
    """Round after round: what is found is whole, the latest is found, the first is not."""
    ledger, ids = SharedRingLedger(tmp_path, 0, ring_bytes=3000), FakeIdentifiers()
    kept = [ids.uuid7() for _ in range(200)]
    for number, decision_id in enumerate(kept):
        made = attempt("m" * (number % 17))
        ledger.keep(decision_id, [made])
        assert ledger.find(decision_id) == [made.as_record()]
    assert ledger.find(kept[0]) is None
    found = [ledger.find(decision_id) for decision_id in kept]
    assert 5 <= sum(entry is not None for entry in found) <= 20
    assert (tmp_path / "0.ring").stat().st_size == 3000


def test_what_does_not_fit_at_all_is_left_out(tmp_path: Path) -> None:
    """And disturbs nothing."""
    ledger = SharedRingLedger(tmp_path, 0, ring_bytes=400)
    ledger.keep("d-1", [attempt()])
    ledger.keep("d-2", [attempt("m" * 500)])
    assert ledger.find("d-1") is not None
    assert ledger.find("d-2") is None
