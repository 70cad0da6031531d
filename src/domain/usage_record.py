"""UsageRecord: tokens, latency and outcome of a finished request: for telemetry and cost, not for audit."""

from __future__ import annotations

from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.trace_context import TraceContext
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.value import value


@value
class UsageRecord:
    """`status` is the HTTP status as text, or `truncated` (a stream that was cut) or `client_closed`.

    Times in milliseconds: `duration_ms` of the whole request, `ttft_ms` until the first byte of content was
    there, `upstream_ms` spent waiting for upstreams, `waited_ms` between attempts and for cooldowns; what is
    left of the duration is the gateway's own share. `decide_ms` is the router's part of that, `queued_ms` how
    long the first decision waited for a turn. `target` is None when nothing was selected. `started_at` is
    Unix seconds. `trace` is None unless the request is sampled or its trace handed on. `input_estimate` are
    the request's tokens as routing took them to be. `answering_model` is the name that the upstream gave.
    """

    decision_id: str
    request_id: str
    requested_model: str
    tenant: str | None
    target: Target | None
    streaming: bool
    status: str
    started_at: float
    duration_ms: float
    upstream_ms: float
    waited_ms: float = 0.0
    ttft_ms: float | None = None
    usage: Usage | None = None
    finish_reason: str | None = None
    error_code: str | None = None
    attempts: tuple[Attempt, ...] = ()
    strategy: str = ""
    snapshot_hash: str = ""
    trace_id: str | None = None
    decide_ms: float = 0.0
    queued_ms: float = 0.0
    input_estimate: int = 0
    trace: TraceContext | None = None
    answering_model: str | None = None
