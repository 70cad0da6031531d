"""RoutingPlan: what a model name and a set of matched rules come to, before the request is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from llm_gateway.domain.confidence import NAMED
from llm_gateway.domain.decision import Candidate, RoutingStep
from llm_gateway.domain.memo import Memo
from llm_gateway.domain.model_catalogue import ModelCatalogue, Resolution
from llm_gateway.domain.planned_target import PlannedTarget, planned
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.shortlist import Shortlist
from llm_gateway.domain.strategy import Strategy
from llm_gateway.domain.target_profile import TargetProfile

_SHORTLISTS = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoutingPlan:
    """`entries` are the candidates in the order of the `priority` strategy.

    `asked` is the client's model name without an explicit provider.

    `left_out` are those that the rules do not want. `unserved` are (provider id, model) pairs that the
    client or a rule named although the provider does not serve the model. `windows` are the context
    windows of the candidates, ascending.
    """

    entries: tuple[PlannedTarget, ...]
    left_out: tuple[Candidate, ...]
    unserved: tuple[tuple[str, str], ...]
    asked: str
    matched_rules: tuple[str, ...]
    tenant_rules: tuple[str, ...]
    strategy: Strategy
    add_headers: tuple[tuple[str, str], ...]
    windows: tuple[int, ...]
    steps: tuple[RoutingStep, ...]
    shortlists: Memo[tuple[object, ...], Shortlist] = field(default_factory=lambda: Memo(_SHORTLISTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Combined:
    """The actions of all matched rules: the first to set something wins."""

    providers: tuple[str, ...]
    providers_from: str
    weights: dict[str, int]
    strategy: Strategy
    model: str | None
    add_headers: tuple[tuple[str, str], ...]


def build_plan(
    model: str, rules: Sequence[RoutingRule], catalogue: ModelCatalogue, strategy: Strategy
) -> RoutingPlan:
    """`strategy` is the one that holds unless a rule sets another."""
    action = _combine(rules, strategy)
    asked = catalogue.resolve(model)
    resolution = asked if action.model is None else catalogue.resolve(action.model)
    unserved = [(resolution.unserved, model)] if resolution.unserved else []
    found, left_out = list(resolution.found), list[tuple[TargetProfile, str]]()
    if action.providers:
        found, left_out, missing = _restrict(resolution, action, model, catalogue)
        unserved += missing
    entries = tuple(_planned(profile, via, action) for profile, via in found)
    unwanted = f"rule {action.providers_from} names other providers"
    return RoutingPlan(
        entries=entries,
        left_out=tuple(_planned(profile, via, action).excluded(unwanted) for profile, via in left_out),
        unserved=tuple(unserved),
        asked=asked.asked,
        matched_rules=tuple(rule.name for rule in rules),
        tenant_rules=tuple(rule.name for rule in rules if rule.match.tenants),
        strategy=action.strategy,
        add_headers=action.add_headers,
        windows=_windows(entries),
        steps=_steps(model, action, resolution, rules),
    )


def _combine(rules: Sequence[RoutingRule], strategy: Strategy) -> _Combined:
    actions = [rule.action for rule in rules]
    naming = next((rule for rule in rules if rule.action.providers), None)
    weights: dict[str, int] = {}
    headers: dict[str, tuple[str, str]] = {}
    for action in actions:
        for provider_id, weight in action.weights:
            weights.setdefault(provider_id, weight)
        for name, value in action.add_headers:
            headers.setdefault(name.lower(), (name, value))
    default: Strategy = "weighted" if weights else strategy
    return _Combined(
        providers=naming.action.providers if naming else (),
        providers_from=naming.name if naming else "",
        weights=weights,
        strategy=next((action.strategy for action in actions if action.strategy), default),
        model=next((action.model for action in actions if action.model), None),
        add_headers=tuple(headers.values()),
    )


def _restrict(
    resolution: Resolution, action: _Combined, model: str, catalogue: ModelCatalogue
) -> tuple[list[tuple[TargetProfile, str]], list[tuple[TargetProfile, str]], list[tuple[str, str]]]:
    """The rule's providers in its order, what they replace, and the named ones that lack the model."""
    via = f"rule:{action.providers_from}"
    wanted: dict[str, tuple[TargetProfile, str]] = {}
    missing: list[tuple[str, str]] = []
    names = list(dict.fromkeys([p.target.model for p, _ in resolution.found])) or [action.model or model]
    for provider_id in action.providers:
        profiles = [p for p, _ in resolution.found if p.target.provider_id == provider_id]
        if not profiles:
            listing = catalogue.listings[provider_id]
            profiles = [p for p in map(listing.profile, names) if p is not None]
        if not profiles:
            missing.append((provider_id, names[0]))
        wanted.update((profile.id, (profile, via)) for profile in profiles)
    left_out = [(profile, how) for profile, how in resolution.found if profile.id not in wanted]
    return list(wanted.values()), left_out, missing


def _planned(profile: TargetProfile, via: str, action: _Combined) -> PlannedTarget:
    weight = action.weights.get(profile.provider.id, profile.provider.weight)
    certainty = NAMED if action.providers else profile.certainty
    return planned(profile, via, weight, certainty)


def _windows(entries: Sequence[PlannedTarget]) -> tuple[int, ...]:
    sizes = {entry.profile.context_window for entry in entries}
    return tuple(sorted(size for size in sizes if size is not None))


def _steps(
    model: str, action: _Combined, resolution: Resolution, rules: Sequence[RoutingRule]
) -> tuple[RoutingStep, ...]:
    name = model if action.model is None else f"{model}, rewritten to {action.model}"
    names = ", ".join(rule.name for rule in rules)
    return (
        RoutingStep(
            phase="resolve",
            action="resolve_model",
            details=f"{name}: {len(resolution.found)} candidates",
        ),
        RoutingStep(
            phase="match",
            action="evaluate_constraint",
            details=f"matched rules: {names}" if rules else "no rule matched",
        ),
    )
