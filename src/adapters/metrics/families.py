"""Every metric family that the gateway exports: name, kind, help, labels, buckets (contracts.md §11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_MICRO = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Family:
    """`merge` says how the workers' cells become one value: added up, or the largest of them."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    merge: Literal["sum", "max"] = "sum"

    @property
    def width(self) -> int:
        """Cells per child: one, or a count per bucket, one for +Inf, and the sum."""
        return len(self.buckets) + 2 if self.kind == "histogram" else 1


def _counter(name: str, text: str, *labels: str) -> Family:
    return Family(f"llm_gateway_{name}", "counter", text, labels)


def _gauge(name: str, text: str, *labels: str, merge: Literal["sum", "max"] = "sum") -> Family:
    return Family(f"llm_gateway_{name}", "gauge", text, labels, merge=merge)


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Family:
    return Family(f"llm_gateway_{name}", "histogram", text, labels, buckets)


REQUESTS = _counter(
    "requests_total",
    "Inference requests answered. status: HTTP status, truncated (stream was cut) or client_closed",
    "provider",
    "model",
    "status",
    "streaming",
)
REQUEST_SECONDS = _histogram(
    "request_duration_seconds", "From request to end of answer", _SECONDS, "provider", "model", "streaming"
)
TTFT_SECONDS = _histogram(
    "time_to_first_token_seconds",
    "From request to the first content of the answer",
    _SECONDS,
    "provider",
    "model",
    "streaming",
)
OVERHEAD_SECONDS = _histogram(
    "overhead_seconds",
    "The gateway's own share: request duration less time on upstreams and between attempts",
    _MICRO,
)
TOKENS = _counter(
    "tokens_total",
    "Tokens as reported by upstreams. type: input, output, cached, reasoning",
    "provider",
    "model",
    "type",
)
ATTEMPTS = _counter("attempts_total", "Calls to upstreams by how they ended", "provider", "outcome")
FALLBACKS = _counter("fallbacks_total", "Requests that went on to another provider", "from", "to", "reason")
BREAKER_STATE = _gauge(
    "circuit_breaker_state",
    "0 closed, 1 half-open, 2 open: the worst of a provider's targets",
    "provider",
    merge="max",
)
PROVIDER_HEALTH = _gauge(
    "provider_health", "Health score of a provider, 0 to 1: the best of its targets", "provider", merge="max"
)
IN_FLIGHT = _gauge("in_flight_requests", "Attempts running now", "provider")
DECISIONS = _counter("decisions_total", "Routing decisions", "decision_type")
DECISION_SECONDS = _histogram("decision_seconds", "Time that the router took to decide", _MICRO)
ROUTE_REQUESTS = _counter(
    "route_requests_total",
    "Requests for a decision alone (/agents/route). result: selected, rejected",
    "result",
)
LAST_ACTIVITY = _gauge(
    "last_activity_timestamp_seconds", "When a request was last answered, Unix time", merge="max"
)
TRUNCATED = _counter("streams_truncated_total", "Streams cut after content had been delivered")
DISCONNECTS = _counter("client_disconnects_total", "Requests whose client left before the answer's end")
AUDIT_SPOOL_EVENTS = _gauge(
    "audit_spool_events", "Decision records that wait for delivery; 0 when none is configured"
)
AUDIT_SPOOL_BYTES = _gauge(
    "audit_spool_bytes", "Size of the decision records on disk, all workers together", merge="max"
)
AUDIT_DELIVERED = _counter("audit_delivered_total", "Decision records that ruvector-service has taken")
AUDIT_DEAD_LETTERS = _counter(
    "audit_dead_letter_total", "Decision records that ruvector-service refused for good, put aside"
)
AUDIT_DROPPED = _counter(
    "audit_dropped_total", "Decision records that could not be kept, or were let go undelivered"
)
TELEMETRY_DELIVERED = _counter("telemetry_delivered_total", "Records that a telemetry peer has taken", "sink")
TELEMETRY_DROPPED = _counter(
    "telemetry_dropped_total",
    "Records that a telemetry peer was not told of: its queue was full, or it did not take them",
    "sink",
)
POLICY_CHECKS = _counter(
    "policy_checks_total",
    "Questions to policy peers, not those that a kept verdict answered. result: allow, deny, or why there is "
    "no verdict: timeout, unreachable, status, malformed, too_long, not_asked",
    "peer",
    "result",
)
AUTH_REFUSED = _counter(
    "auth_refused_total",
    "Requests not let in. reason: missing, unknown, expired, token, scope, tenant, signature, origin",
    "reason",
)
SNAPSHOT = _gauge("config_snapshot_info", "1 for the routing snapshot in force", "hash", merge="max")
RELOADS = _counter("config_reloads_total", "Configuration reloads. result: accepted, refused", "result")
INSTANCE = _gauge(
    "instance_info",
    "1, with what the platform calls this instance and, on Cloud Run, its revision",
    "id",
    "revision",
    merge="max",
)
BUILD = _gauge("build_info", "1, with the version that runs", "version", merge="max")

FAMILIES = tuple(value for value in list(globals().values()) if isinstance(value, Family))
