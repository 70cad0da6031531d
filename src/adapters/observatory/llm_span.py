"""LlmSpan: LLM-Observatory's record of one request (contracts.md §4, docs/schemas/llm-span.schema.json).

Its durations are written as whole milliseconds, because the service keeps them as such. `input` is
mandatory there; its prompt is always empty, since no text ever leaves the gateway this way.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal
from uuid import UUID

import msgspec

from llm_gateway.adapters.peer_text import peer_text
from llm_gateway.application.ports.price_list import ListedPrices
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.request_outcome import request_outcome, routing_outcome
from llm_gateway.domain.token_cost import dollars
from llm_gateway.domain.usage_record import UsageRecord

_NOBODY = "none"  # strict records have no null: the provider of a request that none was selected for
_STATUS: dict[str, Literal["OK", "ERROR", "UNSET"]] = {"success": "OK", "cancelled": "UNSET"}


class Input(msgspec.Struct):
    type: str = "text"
    prompt: str = ""


class TokenUsage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Cost(msgspec.Struct):
    amount_usd: float
    prompt_cost: float
    completion_cost: float
    currency: str = "USD"


class Latency(msgspec.Struct, omit_defaults=True):
    total_ms: int
    start_time: str
    end_time: str
    ttft_ms: int | None = None


class Metadata(msgspec.Struct):
    environment: str
    attributes: dict[str, str]
    tags: list[str] = []
    request_id: str | msgspec.UnsetType = msgspec.UNSET


class LlmSpan(msgspec.Struct):
    span_id: str
    trace_id: str
    name: str
    provider: str
    model: str
    latency: Latency
    metadata: Metadata
    status: Literal["OK", "ERROR", "UNSET"]
    attributes: dict[str, str | int | bool]
    input: Input = msgspec.field(default_factory=Input)
    events: list[dict[str, Any]] = []
    parent_span_id: str | msgspec.UnsetType = msgspec.UNSET
    token_usage: TokenUsage | msgspec.UnsetType = msgspec.UNSET
    cost: Cost | msgspec.UnsetType = msgspec.UNSET


def llm_span(record: UsageRecord, listed: ListedPrices | None, environment: str) -> LlmSpan:
    """`listed` None: nobody knows the price, and there is no cost then, rather than one of 0."""
    trace_id, span_id, parent_span_id = _ids(record)
    target = record.target
    model = target.model if target is not None else record.requested_model
    status = request_outcome(record)
    ended = record.started_at + record.duration_ms / 1000
    return LlmSpan(
        span_id=span_id,
        trace_id=trace_id,
        parent_span_id=parent_span_id,
        name="chat.completions",
        provider=target.provider_id if target is not None else _NOBODY,
        model=peer_text(model),
        latency=Latency(
            total_ms=round(record.duration_ms),
            ttft_ms=None if record.ttft_ms is None else round(record.ttft_ms),
            start_time=timestamp(record.started_at),
            end_time=timestamp(ended),
        ),
        metadata=Metadata(
            environment=environment,
            request_id=record.request_id if _is_uuid(record.request_id) else msgspec.UNSET,
            attributes=_named(record),
        ),
        status=_STATUS.get(status, "ERROR"),
        attributes=_attributes(record, status),
        token_usage=_token_usage(record),
        cost=_cost(record, listed),
    )


def _ids(record: UsageRecord) -> tuple[str, str, str | msgspec.UnsetType]:
    """Trace, span and the caller's span: those that a sampled request is traced by, so that both meet.

    Else the W3C trace that it came in, or one made of the decision: sent twice it is the same span. A request
    that ended before its decision has only its own id and its time.
    """
    trace = record.trace
    if trace is not None and trace.sampled:
        parent = trace.parent.span_id if trace.parent is not None else msgspec.UNSET
        return trace.trace_id, f"{trace.span_id:016x}", parent
    seed = record.decision_id or f"{record.request_id}@{record.started_at}"
    digits = hashlib.blake2b(seed.encode("utf-8", "replace"), digest_size=24).hexdigest()
    return record.trace_id or digits[:32], digits[32:], msgspec.UNSET


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _named(record: UsageRecord) -> dict[str, str]:
    """What other records know the request by."""
    named = {"request_id": peer_text(record.request_id), "decision_id": record.decision_id}
    if record.tenant is not None:
        named["tenant"] = peer_text(record.tenant)
    if record.snapshot_hash:
        named["snapshot_hash"] = record.snapshot_hash
    return named


def _attributes(record: UsageRecord, status: str) -> dict[str, str | int | bool]:
    attributes: dict[str, str | int | bool] = {
        "decision": routing_outcome(record),
        "strategy": record.strategy,
        "decision_latency_us": round(record.decide_ms * 1000),
        "inference.streaming": record.streaming,
        "status": status,
        "http_status": record.status,
        "attempts": len(record.attempts),
        "requested_model": peer_text(record.requested_model),
    }
    if record.target is not None:
        attributes["selected_backend"] = record.target.id
    if record.usage is not None:
        attributes["cached_tokens"] = record.usage.cached_tokens
        attributes["reasoning_tokens"] = record.usage.reasoning_tokens
    if record.finish_reason is not None:
        attributes["finish_reason"] = record.finish_reason
    if record.error_code is not None:
        attributes["error_code"] = record.error_code
    return attributes


def _token_usage(record: UsageRecord) -> TokenUsage | msgspec.UnsetType:
    usage = record.usage
    if usage is None:
        return msgspec.UNSET
    return TokenUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
    )


def _cost(record: UsageRecord, listed: ListedPrices | None) -> Cost | msgspec.UnsetType:
    if record.usage is None or listed is None:
        return msgspec.UNSET
    cost = listed.prices.cost(record.usage)
    return Cost(
        amount_usd=dollars(cost.total),
        prompt_cost=dollars(cost.prompt),
        completion_cost=dollars(cost.completion),
    )
