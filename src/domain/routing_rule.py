"""RoutingRule: a matcher and an action, with a priority."""

from __future__ import annotations

from dataclasses import dataclass, field

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.strategy import Strategy as Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """Every given condition must hold; within one condition any entry will do. Empty matches all.

    `models` and `tenants` hold globs; `headers` (lower-case names) and `metadata` hold pairs of a name
    and a glob for its value, and each pair must hold. A model glob is tried on the name that the client
    wrote and on the provider's name when all candidates share one (so an alias for one model is that
    model). `capabilities` must all be needed by the request. Token bounds are inclusive.
    """

    models: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    min_input_tokens: int = 0
    max_input_tokens: int | None = None
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """What a matching rule sets. Of several matching rules the first to set something wins.

    `providers` restricts the candidates to these, in this order, and also reaches providers that accept
    any model. `weights` replaces the weight of the providers it names; without a strategy of its own it
    means `weighted`. `model` is routed instead of the client's. A terminal rule ends the matching.
    """

    providers: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    strategy: Strategy | None = None
    model: str | None = None
    add_headers: tuple[tuple[str, str], ...] = ()
    terminal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """Rules are tried by `priority` (lower first), then in the order given."""

    name: str
    priority: int = 100
    match: RuleMatch = field(default_factory=RuleMatch)
    action: RuleAction = field(default_factory=RuleAction)
    enabled: bool = True
