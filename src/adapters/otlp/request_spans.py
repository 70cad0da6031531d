"""RequestSpans: a finished request as OpenTelemetry spans: one for the server, one for each call upstream.

Attributes: OpenTelemetry semantic conventions 1.44 (HTTP, errors, servers) and those for generative AI 0.1
(github.com/open-telemetry/semantic-conventions-genai, client-inference); `llm_gateway.*` are this gateway's
own. Token usage stands on the call that it was paid for and nowhere else, so that sums over spans are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from llm_gateway.adapters.otlp.model_server import ModelServer
from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.trace_context import TraceContext
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

_METHOD, _ROUTE = "POST", "/v1/chat/completions"
_OPERATION = "chat"
_LONGEST_NAME = 256  # of an upstream's words, as of a client's
# Codes may be an upstream's own words: only what looks like a code is one.
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

Attributes = dict[str, str | bool | int | float | tuple[str, ...]]


class RequestSpans:
    """`server_of` is asked with a provider's id. Called in threads; it changes nothing."""

    def __init__(self, resource: Resource, version: str, server_of: Callable[[str], ModelServer]) -> None:
        self._resource = resource
        self._scope = InstrumentationScope("llm_gateway", version)
        self._server_of = server_of

    def __call__(self, traced: TracedRequest) -> list[ReadableSpan]:
        """The server's span first, then one for each attempt that was made, in their order."""
        record = traced.record
        arrived = round(traced.ended_at * 1e9) - _nanoseconds(record.duration_ms)
        spans = [self._request(traced, arrived)]
        for number, attempt in enumerate(record.attempts, 1):
            if not _never_made(attempt):
                spans.append(self._attempt(traced, number, attempt, arrived))
        return spans

    def _request(self, traced: TracedRequest, arrived: int) -> ReadableSpan:
        record, trace = traced.record, traced.trace
        remote = trace.parent
        parent = None
        if remote is not None:
            parent = _context(trace, int(remote.span_id, 16), is_remote=True)
        failed = record.status == "truncated" or record.status.startswith("5")
        return ReadableSpan(
            name=f"{_METHOD} {_ROUTE}",
            kind=SpanKind.SERVER,
            context=_context(trace, trace.span_id),
            parent=parent,
            resource=self._resource,
            instrumentation_scope=self._scope,
            start_time=arrived,
            end_time=arrived + _nanoseconds(record.duration_ms),
            attributes=_request_attributes(record, failed=failed),
            events=[_refusal(attempt, arrived) for attempt in record.attempts if _never_made(attempt)],
            status=Status(StatusCode.ERROR) if failed else Status(),
        )

    def _attempt(self, traced: TracedRequest, number: int, attempt: Attempt, arrived: int) -> ReadableSpan:
        trace = traced.trace
        started = arrived + _nanoseconds(attempt.started_ms)
        return ReadableSpan(
            name=f"{_OPERATION} {attempt.target.model}",
            kind=SpanKind.CLIENT,
            context=_context(trace, trace.attempt_span_id(number)),
            parent=_context(trace, trace.span_id),
            resource=self._resource,
            instrumentation_scope=self._scope,
            start_time=started,
            end_time=started + _nanoseconds(attempt.duration_ms),
            attributes=_attempt_attributes(
                traced.record, number, self._server_of(attempt.target.provider_id)
            ),
            status=Status() if attempt.outcome in ("completed", "cancelled") else Status(StatusCode.ERROR),
        )


def _request_attributes(record: UsageRecord, *, failed: bool) -> Attributes:
    attributes: Attributes = {
        "http.request.method": _METHOD,
        "http.route": _ROUTE,
        "url.path": _ROUTE,
        "gen_ai.request.model": record.requested_model,
        "llm_gateway.request_id": record.request_id,
        "llm_gateway.status": record.status,
        "llm_gateway.attempts": len(record.attempts),
    }
    if record.status.isdigit():
        attributes["http.response.status_code"] = int(record.status)
    if record.streaming:
        attributes["gen_ai.request.stream"] = True
        if record.ttft_ms is not None:
            attributes["gen_ai.response.time_to_first_chunk"] = record.ttft_ms / 1000
    if failed:
        attributes["error.type"] = _code(record.error_code, None, record.status)
    if record.error_code is not None:
        attributes["llm_gateway.error_code"] = _code(record.error_code, None, record.status)
    optional = {
        "decision_id": record.decision_id,
        "strategy": record.strategy,
        "snapshot_hash": record.snapshot_hash,
        "tenant": record.tenant,
    }
    attributes |= {f"llm_gateway.{name}": text for name, text in optional.items() if text}
    return attributes


def _attempt_attributes(record: UsageRecord, number: int, server: ModelServer) -> Attributes:
    attempt = record.attempts[number - 1]
    attributes: Attributes = {
        "gen_ai.operation.name": _OPERATION,
        "gen_ai.provider.name": server.system,
        "gen_ai.request.model": attempt.target.model,
        "http.request.method": _METHOD,
        "llm_gateway.provider": attempt.target.provider_id,
        "llm_gateway.attempt": number,
        "llm_gateway.outcome": attempt.outcome,
        "llm_gateway.decision_id": record.decision_id,
    }
    if server.address is not None:
        attributes["server.address"] = server.address
    if server.port is not None:
        attributes["server.port"] = server.port
    if attempt.status is not None:
        attributes["http.response.status_code"] = attempt.status
    resent = sum(earlier.target == attempt.target for earlier in record.attempts[: number - 1])
    if resent:
        attributes["http.request.resend_count"] = resent
    if record.streaming:
        attributes["gen_ai.request.stream"] = True
        if attempt.ttfb_ms is not None:
            attributes["gen_ai.response.time_to_first_chunk"] = attempt.ttfb_ms / 1000
    if attempt.outcome != "completed":
        attributes["error.type"] = _code(attempt.error, attempt.status, attempt.outcome)
    if number == len(record.attempts) and attempt.target == record.target:
        attributes |= _generation(record, attempt)
    return attributes


def _generation(record: UsageRecord, attempt: Attempt) -> Mapping[str, str | bool | int | tuple[str, ...]]:
    """What the last call brought; one that broke off ends with the reason `error`, as the conventions ask."""
    reason = record.finish_reason
    if attempt.outcome in ("partial", "cancelled"):
        reason = "error"
    told: dict[str, str | bool | int | tuple[str, ...]] = {}
    if record.answering_model:
        told["gen_ai.response.model"] = record.answering_model[:_LONGEST_NAME]
    if reason is not None:
        told["gen_ai.response.finish_reasons"] = (reason,)
    return told if record.usage is None else told | _usage(record.usage)


def _usage(usage: Usage) -> dict[str, bool | int]:
    told: dict[str, bool | int] = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    details = {
        "cache_read.input_tokens": usage.cached_tokens,
        "cache_write.input_tokens": usage.cache_write_tokens,
        "reasoning.output_tokens": usage.reasoning_tokens,
    }
    told |= {f"gen_ai.usage.{name}": tokens for name, tokens in details.items() if tokens}
    if usage.estimated:
        told["llm_gateway.usage.estimated"] = True
    return told


def _never_made(attempt: Attempt) -> bool:
    """The gateway itself did not let the call happen (`ChatLedger.refused`)."""
    return attempt.outcome == "not_sent" and attempt.duration_ms == 0.0


def _refusal(attempt: Attempt, arrived: int) -> Event:
    return Event(
        "llm_gateway.call_not_permitted",
        attributes={
            "gen_ai.request.model": attempt.target.model,
            "llm_gateway.provider": attempt.target.provider_id,
            "error.type": _code(attempt.error, attempt.status, attempt.outcome),
        },
        timestamp=arrived + _nanoseconds(attempt.started_ms),
    )


def _code(code: str | None, status: int | None, otherwise: str) -> str:
    if code is not None and _CODE.fullmatch(code):
        return code
    return otherwise if status is None else str(status)


def _context(trace: TraceContext, span_id: int, *, is_remote: bool = False) -> SpanContext:
    return SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=span_id,
        is_remote=is_remote,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState.from_header([trace.state]) if trace.state else None,
    )


def _nanoseconds(milliseconds: float) -> int:
    return round(milliseconds * 1_000_000)
