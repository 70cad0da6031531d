"""RecordAttempts: each request's attempts are kept."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.record_attempts import RecordAttempts
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.attempt_ledger import FakeAttemptLedger

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


def test_attempts_are_kept_under_the_decision() -> None:
    """A request that was never decided, or never tried, leaves nothing."""
    ledger = FakeAttemptLedger()
    keep = RecordAttempts(ledger)
    keep(RECORD)
    keep(replace(RECORD, decision_id=""))
    keep(replace(RECORD, decision_id="d-2", attempts=()))
    assert ledger.find("d-1") == [ATTEMPT.as_record()]
    assert (ledger.find(""), ledger.find("d-2")) == (None, None)
