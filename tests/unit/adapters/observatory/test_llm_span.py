"""LlmSpan: what LLM-Observatory is told of a request, held against its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from llm_gateway.adapters.observatory.llm_span import llm_span
from llm_gateway.domain.trace_context import RemoteParent, TraceContext
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.price_list import LISTED
from tests.samples.usage_records import ATTEMPT, RECORD, usage_record

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "llm-span.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text()))


def span(record: UsageRecord, *, priced: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        msgspec.json.encode(llm_span(record, LISTED if priced else None, "dev"))
    )
    VALIDATOR.validate(found)
    return found


def test_a_request_as_it_is_told() -> None:
    """Every field; times are whole milliseconds, the prompt is always empty."""
    found = span(usage_record(decide_ms=0.0234))
    assert (found["provider"], found["model"], found["status"]) == ("openai", "gpt-4o", "OK")
    assert found["input"] == {"type": "text", "prompt": ""}
    assert found["token_usage"] == {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
    assert found["latency"] == {
        "total_ms": 12,
        "ttft_ms": 5,
        "start_time": "2023-11-14T22:13:20.000Z",
        "end_time": "2023-11-14T22:13:20.012Z",
    }
    assert found["metadata"] == {
        "environment": "dev",
        "request_id": RECORD.request_id,
        "tags": [],
        "attributes": {
            "request_id": RECORD.request_id,
            "decision_id": RECORD.decision_id,
            "tenant": "acme",
            "snapshot_hash": "ab" * 32,
        },
    }
    assert found["attributes"] == {
        "decision": "routed",
        "strategy": "priority",
        "selected_backend": "openai/gpt-4o",
        "decision_latency_us": 23,
        "inference.streaming": False,
        "status": "success",
        "http_status": "200",
        "attempts": 1,
        "requested_model": "fast",
        "cached_tokens": 10,
        "reasoning_tokens": 2,
        "finish_reason": "stop",
    }


def test_cached_tokens_cost_what_they_cost() -> None:
    """20 tokens at 2 USD a million and 10 cached ones at 0.2; 12 out at 10."""
    assert span(RECORD)["cost"] == {
        "amount_usd": 0.000162,
        "currency": "USD",
        "prompt_cost": 0.000042,
        "completion_cost": 0.00012,
    }


def test_an_unknown_price_is_no_price() -> None:
    """Never 0; nor is there a cost where nothing is known of the tokens."""
    assert "cost" not in span(RECORD, priced=False)
    unknown = span(usage_record(usage=None))
    assert "cost" not in unknown and "token_usage" not in unknown


def test_a_rejected_request_has_no_backend() -> None:
    """Its provider is nobody, its model what was asked for."""
    found = span(
        usage_record(target=None, attempts=(), status="404", usage=None, error_code="model_not_found")
    )
    assert (found["provider"], found["model"], found["status"]) == ("none", "fast", "ERROR")
    assert found["attributes"]["decision"] == "rejected"
    assert "selected_backend" not in found["attributes"]


def test_a_client_that_left_is_no_error() -> None:
    """Nor a success."""
    found = span(usage_record(status="client_closed", attempts=(ATTEMPT,)))
    assert (found["status"], found["attributes"]["status"]) == ("UNSET", "cancelled")


def test_the_same_request_is_the_same_span() -> None:
    """Sent twice it can be recognised; another request is another span."""
    ids = [(found["trace_id"], found["span_id"]) for found in map(span, (RECORD, RECORD))]
    other = span(usage_record(decision_id="01938b2e-7c4a-7def-8123-456789abcdee"))
    assert ids[0] == ids[1] != (other["trace_id"], other["span_id"])


def test_the_callers_trace_is_the_spans_trace() -> None:
    """As `traceparent` gave it."""
    assert span(usage_record(trace_id="4bf92f3577b34da6a3ce929d0e0e4736"))["trace_id"] == (
        "4bf92f3577b34da6a3ce929d0e0e4736"
    )


def test_a_sampled_request_is_the_same_span_everywhere() -> None:
    """As OpenTelemetry has it, below the caller's span; unsampled there is no such span to meet."""
    trace_id, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    context = TraceContext(
        trace_id=trace_id,
        span_id=0xAB,
        parent=RemoteParent(trace_id=trace_id, span_id=parent, sampled=True),
    )
    found = span(usage_record(trace=context))
    assert (found["trace_id"], found["span_id"]) == (trace_id, "00000000000000ab")
    assert found["parent_span_id"] == parent
    assert "parent_span_id" not in span(usage_record(trace=replace(context, parent=None)))
    assert span(usage_record(trace=replace(context, sampled=False)))["span_id"] == span(RECORD)["span_id"]


@pytest.mark.parametrize("request_id", ["r-1", "", "5f0c6a523f0e4d0c9c3e0d6f3b1a2c4d", "{5f0c6a52}"])
def test_only_a_uuid_is_a_request_id(request_id: str) -> None:
    """The field is a UUID there; any other id is an attribute."""
    metadata = span(usage_record(request_id=request_id))["metadata"]
    assert "request_id" not in metadata
    assert metadata["attributes"]["request_id"] == request_id


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.none() | st.text(max_size=20))
def test_whatever_clients_write_can_be_told(words: str, tenant: str | None) -> None:
    """Lone surrogates, NUL and names without end included."""
    record = usage_record(
        target=None, requested_model=words, request_id=words, tenant=tenant, decision_id="", attempts=()
    )
    assert len(span(record)["model"]) <= 256
