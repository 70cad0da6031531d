"""RequestFacts: everything routing may look at, taken from the request once. Never prompt text."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.value import value


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingHints:
    """What the caller asked of routing itself. Each one that is honoured shows up as a constraint."""

    preferred_providers: tuple[str, ...] = ()
    excluded_providers: tuple[str, ...] = ()
    max_latency_tier: int | None = None
    max_latency_ms: int | None = None
    cost_budget: str | None = None
    optimize_cost: bool = False
    fallback_enabled: bool | None = None
    priority: str | None = None


NO_HINTS = RoutingHints()


@value
class RequestFacts:
    """The router's whole view of a request.

    `model` is what the client wrote. `parameters` holds the names of request parameters that carry a
    non-neutral value and that some provider may be unable to honour. `headers` (lower-case names) and
    `metadata` hold only what a rule of the snapshot can look at, sorted by name. `input_tokens` is an
    estimate. `affinity_key` is a digest, never the value it was made from. `bound_to` names the only
    providers that can honour endpoint-bound content of the request; empty means unbound.
    """

    model: str
    tenant: str | None = None
    capabilities: frozenset[Capability] = frozenset()
    parameters: frozenset[str] = frozenset()
    input_tokens: int = 0
    max_output_tokens: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    hints: RoutingHints = NO_HINTS
    affinity_key: str | None = None
    bound_to: tuple[str, ...] = ()
