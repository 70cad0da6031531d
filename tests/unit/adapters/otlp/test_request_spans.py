"""Finished requests as spans."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from llm_gateway.adapters.otlp.model_server import ModelServer
from llm_gateway.adapters.otlp.request_spans import RequestSpans
from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.trace_context import TraceContext
from llm_gateway.domain.usage import Usage
from tests.samples.traced_requests import FELL_BACK, PLAIN, REJECTED, STREAMED, TRACE, traced
from tests.samples.usage_records import ATTEMPT, TARGET, usage_record

SERVERS = {"openai": ModelServer(system="openai", address="api.openai.com", port=443)}


def spans(request: TracedRequest) -> list[ReadableSpan]:
    gone = ModelServer(system="_OTHER")
    return RequestSpans(Resource({}), "1.2.3", lambda provider: SERVERS.get(provider, gone))(request)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def ended(status: str, outcome: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], ReadableSpan]:
    """Attributes of both spans of a request whose only call ended like that."""
    attempt = Attempt(target=TARGET, outcome=outcome, started_ms=0.1, duration_ms=9.0, **changes)  # type: ignore[arg-type]
    error = changes.get("error")
    server, client = spans(traced(status=status, error_code=error, attempts=(attempt,)))
    return attributes(server), attributes(client), server


def test_a_plain_answer() -> None:
    """The whole list: what is not here is not sent."""
    server, client = spans(PLAIN)
    assert (server.name, server.kind) == ("POST /v1/chat/completions", SpanKind.SERVER)
    assert (client.name, client.kind) == ("chat gpt-4o", SpanKind.CLIENT)
    assert attributes(server) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "url.path": "/v1/chat/completions",
        "http.response.status_code": 200,
        "gen_ai.request.model": "fast",
        "llm_gateway.request_id": PLAIN.record.request_id,
        "llm_gateway.decision_id": PLAIN.record.decision_id,
        "llm_gateway.snapshot_hash": "ab" * 32,
        "llm_gateway.strategy": "priority",
        "llm_gateway.status": "200",
        "llm_gateway.attempts": 1,
        "llm_gateway.tenant": "acme",
    }
    assert attributes(client) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 12,
        "gen_ai.usage.cache_read.input_tokens": 10,
        "gen_ai.usage.reasoning.output_tokens": 2,
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "api.openai.com",
        "server.port": 443,
        "llm_gateway.provider": "openai",
        "llm_gateway.attempt": 1,
        "llm_gateway.outcome": "completed",
        "llm_gateway.decision_id": PLAIN.record.decision_id,
    }


def test_each_span_is_below_its_caller() -> None:
    server, first, second = spans(FELL_BACK)
    assert server.parent is not None and server.parent.is_remote
    assert server.parent.span_id == 0x00F0_67AA_0BA9_02B7
    ids = [span.context.span_id for span in (server, first, second)]
    assert ids == [TRACE.span_id, TRACE.attempt_span_id(1), TRACE.attempt_span_id(2)]
    assert all(span.parent and span.parent.span_id == TRACE.span_id for span in (first, second))
    assert {span.context.trace_id for span in (server, first, second)} == {int(TRACE.trace_id, 16)}
    assert server.context.trace_state.to_header() == "rojo=1"


def test_the_model_that_answered_is_told_as_the_upstream_names_it() -> None:
    """On the call that brought the answer; a name of any length is bounded."""
    _, refused, answered = spans(traced(attempts=(REJECTED, ATTEMPT), answering_model="gpt-4o-2024-08-06"))
    _, bounded = spans(traced(answering_model="m" * 1000))
    assert attributes(answered)["gen_ai.response.model"] == "gpt-4o-2024-08-06"
    assert "gen_ai.response.model" not in attributes(refused)
    assert attributes(bounded)["gen_ai.response.model"] == "m" * 256


def test_a_trace_that_began_here_has_no_parent() -> None:
    trace = TraceContext(trace_id="a" * 32, span_id=7)
    server, _ = spans(TracedRequest(record=usage_record(trace=trace), trace=trace, ended_at=1.0))
    assert server.parent is None


def test_times_are_those_of_the_record() -> None:
    server, first, second = spans(FELL_BACK)
    assert (server.start_time, server.end_time) == (1_700_000_000_487_500_000, 1_700_000_000_500_000_000)
    assert (first.start_time, first.end_time) == (1_700_000_000_488_000_000, 1_700_000_000_490_000_000)
    assert second.start_time == 1_700_000_000_487_600_000


def test_usage_is_told_once() -> None:
    """Sums over spans are right: the answer's call has it, the refused one and the server's span have not."""
    told = [any(name.startswith("gen_ai.usage") for name in attributes(span)) for span in spans(FELL_BACK)]
    assert told == [False, False, True]


def test_a_refused_call() -> None:
    _, refused, _ = spans(FELL_BACK)
    assert attributes(refused)["error.type"] == "rate_limit_exceeded"
    assert attributes(refused)["http.response.status_code"] == 429
    assert attributes(refused)["gen_ai.provider.name"] == "_OTHER"
    assert not refused.status.is_ok


def test_a_call_that_is_repeated_is_counted() -> None:
    _, first, second = spans(traced(attempts=(REJECTED, REJECTED)))
    counts = [attributes(span).get("http.request.resend_count") for span in (first, second)]
    assert counts == [None, 1]


def test_a_stream_says_when_its_first_chunk_came() -> None:
    """Of the server's span since the request arrived, of the call's since it was sent; in seconds."""
    server, client = spans(STREAMED)
    assert attributes(server)["gen_ai.response.time_to_first_chunk"] == 0.005
    assert attributes(client)["gen_ai.response.time_to_first_chunk"] == 0.004
    assert attributes(server)["gen_ai.request.stream"] and attributes(client)["gen_ai.request.stream"]


@pytest.mark.parametrize(
    ("status", "outcome", "error", "server_failed"),
    [
        ("truncated", "partial", "stream_truncated", True),
        ("502", "unknown", "upstream_timeout", True),
        ("client_closed", "cancelled", "client_closed", False),
        ("400", "refused", "invalid_value", False),
    ],
)
def test_other_ends(status: str, outcome: str, error: str, server_failed: bool) -> None:
    """A server's span fails when the server did, which a client's mistake or leaving is not."""
    server, client, span = ended(status, outcome, error=error)
    assert (server["llm_gateway.status"], server["llm_gateway.error_code"]) == (status, error)
    assert ("error.type" in server) == (not span.status.is_unset) == server_failed
    assert (client["error.type"], client["llm_gateway.outcome"]) == (error, outcome)
    assert server.get("http.response.status_code") == (int(status) if status.isdigit() else None)


@pytest.mark.parametrize("outcome", ["partial", "cancelled"])
def test_a_generation_that_broke_off_ended_with_an_error(outcome: str) -> None:
    """Semantic conventions for generative AI: `gen_ai.response.finish_reasons`."""
    _, client, _ = ended("truncated", outcome)
    assert client["gen_ai.response.finish_reasons"] == ("error",)


def test_an_upstreams_words_are_no_error_type() -> None:
    """What does not look like a code may be anything, a part of the prompt included."""
    server, client, _ = ended("502", "refused", error="you wrote: my secret")
    assert (server["error.type"], client["error.type"]) == ("502", "refused")


def test_a_call_that_the_gateway_did_not_permit_is_no_call() -> None:
    refused = Attempt(
        target=TARGET, outcome="not_sent", started_ms=0.2, duration_ms=0.0, error="breaker_open"
    )
    server, client = spans(traced(attempts=(refused, ATTEMPT)))
    (event,) = server.events
    assert event.name == "llm_gateway.call_not_permitted"
    assert dict(event.attributes or {})["error.type"] == "breaker_open"
    assert client.context.span_id == TRACE.attempt_span_id(2)


def test_usage_that_was_not_reported_is_marked_or_missing() -> None:
    _, estimated = spans(traced(usage=Usage(input_tokens=3, output_tokens=1, estimated=True)))
    _, unknown = spans(traced(usage=None))
    assert attributes(estimated)["llm_gateway.usage.estimated"] is True
    assert not any("usage" in name for name in attributes(unknown))


def test_a_request_that_went_nowhere_is_one_span() -> None:
    (server,) = spans(traced(target=None, attempts=(), usage=None, status="503", decision_id="", strategy=""))
    assert attributes(server)["error.type"] == "503"
    assert "llm_gateway.decision_id" not in attributes(server)
