"""Generated routing cases: snapshots of every strategy, and facts, health and tried targets to decide on.

Deterministic: the same seed gives the same cases in every process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import get_args

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.health_view import BreakerState, HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.replay import ReplayInputs
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts, RoutingHints
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch, Strategy
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target

PROVIDERS = ("openai", "azure", "groq", "anthropic", "local")
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet", "org/llama-4")
NAMES = (*MODELS, "fast", "smart", "openai/gpt-4o", "groq/org/llama-4", "gpt-9", "unheard-of", "ключ-😀")
REASONS = ("breaker open", "cooldown", "bulkhead full", "half-open probe running")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingCase:
    snapshot: RoutingSnapshot
    inputs: ReplayInputs


def cases(seed: int, count: int) -> Iterator[RoutingCase]:
    random = Random(seed)
    snapshots = [snapshot(random, strategy) for strategy in get_args(Strategy) for _ in range(4)]
    for _ in range(count):
        yield RoutingCase(snapshot=random.choice(snapshots), inputs=_inputs(random))


def snapshot(random: Random, strategy: Strategy) -> RoutingSnapshot:
    return RoutingSnapshot.build(
        providers=[_provider(random, provider_id) for provider_id in PROVIDERS],
        rules=[_rule(random, number) for number in range(random.randrange(5))],
        strategy=strategy,
        default_providers=random.sample(PROVIDERS, 2),
        aliases={"fast": ("openai/gpt-4o-mini",), "smart": ("anthropic/claude-sonnet", "openai/gpt-4o")},
        affinity=("header:x-session-id",),
    )


def _provider(random: Random, provider_id: str) -> Provider:
    everywhere = {"openai": MODELS[:2], "anthropic": MODELS[2:3], "local": ()}.get(provider_id, MODELS)
    models = [
        Model(
            name=name,
            context_window=random.choice((None, 8_000, 128_000)),
            capabilities=random.choice((None, frozenset(Capability), frozenset({Capability.TOOLS}))),
            input_price=random.choice((None, "2.5", "0.15")),
            output_price=random.choice(("10", "0.6")),
        )
        for name in everywhere
    ]
    if provider_id == "azure":
        models.append(Model(name="gpt-*"))
    return Provider(
        id=provider_id,
        type="openai",
        dialect="openai.chat",
        models=tuple(models),
        weight=random.randint(1, 200),
        priority=random.choice((10, 20, 30)),
        latency_tier=random.choice((None, 1, 2, 3)),
        unsupported_parameters=frozenset(random.sample(("seed", "logit_bias", "n"), random.randrange(3))),
        droppable_parameters=frozenset(random.sample(("seed", "logit_bias"), random.randrange(2))),
    )


def _rule(random: Random, number: int) -> RoutingRule:
    wanted = tuple(random.sample(PROVIDERS, random.randrange(4)))
    return RoutingRule(
        name=f"rule-{number}",
        priority=random.randrange(3),
        match=RuleMatch(
            models=random.choice(((), ("gpt-*",), ("*",))),
            tenants=random.choice(((), ("acme",))),
            headers=random.choice(((), (("x-tier", "gold"),))),
            metadata=random.choice(((), (("team", "s*"),))),
            min_input_tokens=random.choice((0, 1000)),
        ),
        action=RuleAction(
            providers=wanted,
            weights=tuple((provider_id, random.randint(1, 9)) for provider_id in wanted),
            strategy=random.choice((None, *get_args(Strategy))),
            terminal=random.random() < 0.5,
        ),
    )


def _inputs(random: Random) -> ReplayInputs:
    ids = [f"{provider_id}/{model}" for provider_id in PROVIDERS for model in MODELS]
    health = HealthView(
        targets={target: _health(random) for target in random.sample(ids, random.randrange(len(ids)))},
        round_robin=random.randrange(1000),
        denied={target: ("residency", "no") for target in ids if random.random() < 0.05},
        passed=_passed(random, ids),
    )
    tried = random.sample(ids, 2) if random.random() < 0.25 else []
    after = [(Target(*target.split("/", 1)), "rejected:503") for target in tried]
    return ReplayInputs(facts=_facts(random), health=health, after=tuple(after))


def _passed(random: Random, ids: list[str]) -> dict[str, tuple[PolicyConstraint, ...]] | None:
    """Of half of the cases; nobody was asked in the others."""
    if random.random() < 0.5:
        return None
    effects = [PolicyConstraint(policy_id="engine", effect="allow")]
    effects.append(PolicyConstraint(policy_id="scanner:fail_open", effect="skip"))
    return {target: tuple(effects[: random.randrange(1, 3)]) for target in ids if random.random() < 0.7}


def _health(random: Random) -> TargetHealth:
    available = random.random() < 0.75
    return TargetHealth(
        breaker=random.choice(get_args(BreakerState)),
        available=available,
        reason=None if available else random.choice(REASONS),
        score=random.choice((1.0, 0.0, random.random(), random.random() * 1e-7)),
        latency_ms=random.choice((None, random.expovariate(0.01))),
        in_flight=random.randrange(20),
        retry_after=None if available else random.random() * 30,
    )


def _facts(random: Random) -> RequestFacts:
    capabilities = random.sample(tuple(Capability), random.choice((0, 0, 1, 2)))
    return RequestFacts(
        model=random.choice(NAMES),
        tenant=random.choice((None, "acme", "søk")),
        capabilities=frozenset(capabilities),
        parameters=frozenset(random.sample(("seed", "logit_bias", "n"), random.choice((0, 0, 1, 2)))),
        input_tokens=random.choice((3, 900, 7_000, 200_000)),
        max_output_tokens=random.choice((None, 512, 4096)),
        headers=random.choice(((), (("x-tier", "gold"),))),
        metadata=random.choice(((), (("team", "søk"),))),
        hints=NO_HINTS if random.random() < 0.6 else _hints(random),
        affinity_key=random.choice((None, f"{random.getrandbits(128):032x}")),
        bound_to=random.choice(((), (), ("openai", "azure"))),
    )


def _hints(random: Random) -> RoutingHints:
    return RoutingHints(
        preferred_providers=tuple(random.sample(PROVIDERS, random.randrange(3))),
        excluded_providers=tuple(random.sample(PROVIDERS, random.randrange(2))),
        max_latency_tier=random.choice((None, 2)),
        max_latency_ms=random.choice((None, 150)),
        cost_budget=random.choice((None, "0.004")),
        optimize_cost=random.random() < 0.3,
        fallback_enabled=random.choice((None, True, False)),
    )
