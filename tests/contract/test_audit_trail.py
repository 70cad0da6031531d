"""The AuditTrail contract, for the spool on disk and the fake."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.trail import SpoolTrail
from llm_gateway.application.ports.audit_trail import AuditTrail
from llm_gateway.application.verify_audit import VerifyAudit
from tests.fakes.audit_trail import FakeAuditTrail, sealed
from tests.fakes.clock import FakeClock
from tests.samples.decisions import record


def write(spool: Path, count: int, *, slot: int = 0) -> None:
    log = JsonlDecisionLog(spool, FakeClock(), slot=slot, segment_bytes=6_000)
    log.open()
    for _ in range(count):
        log.append(record())
    log.close()


@pytest.fixture(params=["fake", "spool"])
def trail(request: pytest.FixtureRequest, tmp_path: Path) -> AuditTrail:
    if request.param == "fake":
        return FakeAuditTrail(one=sealed(5), two=sealed(2))
    write(tmp_path, 5)
    write(tmp_path, 2, slot=1)
    return SpoolTrail(tmp_path)


def test_every_worker_is_a_chain_of_its_own(trail: AuditTrail) -> None:
    """Across segments, oldest first, and all of it sound."""
    assert [report.records for report in VerifyAudit()(trail)] == [5, 2]
    assert all(report.broken is None for report in VerifyAudit()(trail))


def test_a_place_is_named_once(trail: AuditTrail) -> None:
    """A broken link can be looked up by it."""
    for chain in trail.chains():
        places = [line.place for line in trail.lines(chain)]
        assert len(places) == len(set(places)) > 1


def test_a_worker_directory_or_one_file_will_do(tmp_path: Path) -> None:
    """What a person has at hand: a copied segment is as good as a spool."""
    write(tmp_path, 5)
    (worker,) = tmp_path.iterdir()
    first, *_ = sorted(worker.glob("*.jsonl"))
    assert [report.records for report in VerifyAudit()(SpoolTrail(worker))] == [5]
    assert 0 < VerifyAudit()(SpoolTrail(first))[0].records < 5


def test_garbage_is_a_line_without_a_body(tmp_path: Path) -> None:
    """It is shown with its place, not passed over."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(b'{"a":1}\n')
    (line,) = SpoolTrail(file).lines(str(file))
    assert (line.body, line.place) == (None, f"{file}:1")


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    """An empty result would read as sound."""
    with pytest.raises(FileNotFoundError, match="no decision log"):
        SpoolTrail(tmp_path / "nowhere")
