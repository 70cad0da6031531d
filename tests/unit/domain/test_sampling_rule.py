"""Of which requests spans are wanted."""

from __future__ import annotations

import random

import pytest
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from llm_gateway.domain.sampling_rule import SamplingRule
from llm_gateway.domain.trace_context import RemoteParent


def parent(trace_id: int, *, sampled: bool) -> RemoteParent:
    return RemoteParent(trace_id=f"{trace_id:032x}", span_id="1" * 16, sampled=sampled)


@pytest.mark.parametrize("ratio", [0.0, 0.001, 0.1, 0.5, 1.0])
def test_the_ratio_takes_the_traces_that_the_sdk_takes(ratio: float) -> None:
    """Services that decide for themselves agree on a trace."""
    rule, sdk, bits = SamplingRule(ratio, follows_parent=False), TraceIdRatioBased(ratio), random.Random(7)
    for trace_id in (bits.getrandbits(128) for _ in range(500)):
        assert (
            rule.root(trace_id & (1 << 64) - 1) == sdk.should_sample(None, trace_id, "").decision.is_sampled()
        )
        assert rule.child(parent(trace_id, sampled=True)) == rule.root(trace_id & (1 << 64) - 1)


def test_a_tenth_is_a_tenth() -> None:
    """Of 20,000 random ids, within five standard deviations."""
    rule, bits = SamplingRule(0.1), random.Random(11)
    taken = sum(rule.root(bits.getrandbits(64)) for _ in range(20_000))
    assert abs(taken - 2000) < 5 * 42.5


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_the_callers_decision_is_followed(ratio: float) -> None:
    rule = SamplingRule(ratio)
    assert rule.child(parent(1, sampled=True)) and not rule.child(parent(1, sampled=False))
