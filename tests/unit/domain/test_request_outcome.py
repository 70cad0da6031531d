"""What a finished request came to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.request_outcome import may_have_cost, request_outcome, routing_outcome
from llm_gateway.domain.target import Target
from tests.samples.usage_records import ATTEMPT, usage_record

ELSEWHERE = replace(ATTEMPT, target=Target("anthropic", "claude"), outcome="rejected", status=529)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "success"),
        ({"status": "truncated"}, "partial"),
        ({"status": "truncated", "ttft_ms": None}, "failed"),
        ({"status": "client_closed"}, "cancelled"),
        ({"status": "504"}, "timeout"),
        ({"status": "429"}, "failed"),
        ({"status": "500"}, "failed"),
    ],
)
def test_the_outcome_is_that_of_the_answer(changes: dict[str, Any], outcome: str) -> None:
    """A stream of which nobody has seen any content is no partial success."""
    assert request_outcome(usage_record(**changes)) == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "routed"),
        ({"queued_ms": 3.0}, "queued"),
        ({"attempts": (ELSEWHERE, ATTEMPT), "queued_ms": 3.0}, "fallback"),
        ({"attempts": (ATTEMPT, ATTEMPT)}, "routed"),
        ({"target": None, "attempts": ()}, "rejected"),
    ],
)
def test_routing_has_an_outcome_of_its_own(changes: dict[str, Any], outcome: str) -> None:
    """A retry on the same target is no fallback."""
    assert routing_outcome(usage_record(**changes)) == outcome


@pytest.mark.parametrize(
    ("outcome", "may_have"),
    [
        ("completed", True),
        ("partial", True),
        ("unknown", True),
        ("cancelled", True),
        ("not_sent", False),
        ("rejected", False),
        ("refused", False),
    ],
)
def test_only_what_an_upstream_may_have_run_may_have_cost(outcome: Outcome, may_have: bool) -> None:
    """Whoever reported usage certainly has; without an attempt nobody has."""
    attempt = replace(ATTEMPT, outcome=outcome)
    assert may_have_cost(usage_record(usage=None, attempts=(attempt,))) is may_have
    assert may_have_cost(usage_record()) is True
    assert may_have_cost(usage_record(usage=None, attempts=())) is False
