"""RecordAttempts: everything is passed on, and each request's attempts are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llm_gateway.application.record_attempts import RecordAttempts
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.attempt_ledger import FakeAttemptLedger
from tests.samples.decisions import SELECT

TARGET = Target("openai", "gpt-4o")
ATTEMPT = Attempt(target=TARGET, outcome="completed", started_ms=0.1, duration_ms=9.0, status=200)
RECORD = UsageRecord(
    decision_id="d-1",
    request_id="r",
    requested_model="m",
    tenant=None,
    target=TARGET,
    streaming=False,
    status="200",
    started_at=0.0,
    duration_ms=12.0,
    upstream_ms=11.0,
    ttft_ms=5.0,
    usage=None,
    attempts=(ATTEMPT,),
)


class Told:
    """Remembers the name of every call."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: self.names.append(name)


def test_everything_is_passed_on() -> None:
    """Metrics see what they saw before."""
    told = Told()
    observer = RecordAttempts(told, FakeAttemptLedger())
    observer.decided(SELECT, 0.1)
    observer.attempt_started(TARGET)
    observer.attempt_finished(ATTEMPT)
    observer.fell_back(TARGET, TARGET, "rejected")
    observer.finished(RECORD)
    assert told.names == ["decided", "attempt_started", "attempt_finished", "fell_back", "finished"]


def test_attempts_are_kept_under_the_decision() -> None:
    """A request that was never decided, or never tried, leaves nothing."""
    ledger = FakeAttemptLedger()
    observer = RecordAttempts(Told(), ledger)
    observer.finished(RECORD)
    observer.finished(replace(RECORD, decision_id=""))
    observer.finished(replace(RECORD, decision_id="d-2", attempts=()))
    assert ledger.find("d-1") == [ATTEMPT.as_record()]
    assert (ledger.find(""), ledger.find("d-2")) == (None, None)
