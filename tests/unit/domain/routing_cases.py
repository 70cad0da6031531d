"""Random but reproducible routing cases; run as a script it prints a digest of all their decisions."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts, RoutingHints
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from llm_gateway.domain.strategies.weighted import affinity_of
from llm_gateway.domain.strategy import STRATEGIES
from llm_gateway.domain.target import Target

IDS = ("a", "b", "c", "d", "e", "open")
NAMES = ("m", "n", "m-large", "fast", "a/m", "open/x/y", "nope")
PARAMETERS = ("seed", "logit_bias", "top_k")
CAPABILITIES = tuple(Capability)

Case = tuple[RequestFacts, RoutingSnapshot, HealthView, list[tuple[Target, str]]]


def cases(seed: int, snapshots: int, requests: int) -> Iterator[Case]:
    """`requests` cases for each of the snapshots."""
    random = Random(seed)
    for _ in range(snapshots):
        snapshot = _snapshot(random)
        for _ in range(requests):
            after = [
                (Target(random.choice(IDS), "m"), "rejected 503") for _ in range(random.choice((0, 0, 1)))
            ]
            yield _facts(random), snapshot, _health(random), after


def _some(random: Random, values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(random.sample(values, random.randrange(len(values))))


def _provider(random: Random, id: str) -> Provider:
    priced = random.random() < 0.7
    model = Model(
        name="m*" if random.random() < 0.3 else "m",
        capabilities=frozenset(random.sample(CAPABILITIES, 9)) if random.random() < 0.5 else None,
        context_window=random.choice((None, 1000, 4000)),
        input_price=random.choice(("0.15", "3", "0")) if priced else None,
        output_price=random.choice(("0.60", "15", "0")) if priced else None,
    )
    return Provider(
        id=id,
        type="openai",
        dialect="openai.chat",
        models=() if id == "open" and random.random() < 0.7 else (model, Model(name="n")),
        weight=random.choice((1, 50, 100)),
        priority=random.choice((1, 2)),
        unsupported_parameters=_some(random, PARAMETERS),
        droppable_parameters=_some(random, PARAMETERS),
        latency_tier=random.choice((None, 1, 2, 3)),
    )


def _snapshot(random: Random) -> RoutingSnapshot:
    rules = [
        RoutingRule(
            name=f"rule-{index}",
            priority=random.randrange(3),
            match=RuleMatch(
                models=random.choice(((), ("m*",), ("n", "fast"))),
                tenants=random.choice(((), ("acme",))),
                min_input_tokens=random.choice((0, 500)),
            ),
            action=RuleAction(
                providers=tuple(random.sample(IDS, random.choice((0, 0, 2, 4)))),
                weights=((random.choice(IDS), 7),) if random.random() < 0.3 else (),
                strategy=random.choice((None, *STRATEGIES)),
                terminal=random.random() < 0.5,
            ),
        )
        for index in range(random.randrange(4))
    ]
    return RoutingSnapshot.build(
        providers=[_provider(random, id) for id in IDS],
        rules=rules,
        strategy=random.choice(STRATEGIES),
        default_providers=random.sample(IDS, 2),
        aliases={"fast": ("b/n", "a/m")},
        fallback=Fallback(enabled=random.random() < 0.8, max_targets=random.randrange(4)),
    )


def _facts(random: Random) -> RequestFacts:
    hints = RoutingHints(
        preferred_providers=tuple(random.sample(IDS, random.choice((0, 0, 1, 2)))),
        excluded_providers=tuple(random.sample(IDS, random.choice((0, 0, 1, 2)))),
        max_latency_tier=random.choice((None, None, 1, 2)),
        max_latency_ms=random.choice((None, None, 200)),
        cost_budget=random.choice((None, None, "0.001", "0.01")),
        optimize_cost=random.random() < 0.2,
        fallback_enabled=random.choice((None, None, True, False)),
    )
    return RequestFacts(
        model=random.choice(NAMES),
        tenant=random.choice((None, "acme", "beta")),
        capabilities=frozenset(random.sample(CAPABILITIES, random.choice((0, 1, 3)))),
        parameters=_some(random, PARAMETERS) if random.random() < 0.3 else frozenset(),
        input_tokens=random.choice((10, 600, 3000, 9000)),
        max_output_tokens=random.choice((None, 500)),
        hints=hints,
        affinity_key=random.choice((None, "talk-1", "talk-2")),
        bound_to=random.choice(((), (), (), ("a", "b"))),
    )


def _health(random: Random) -> HealthView:
    targets = {}
    for id in random.sample(IDS, random.randrange(len(IDS))):
        state = random.choice((None, None, None, "open", "cooldown"))
        targets[f"{id}/{random.choice(('m', 'n'))}"] = TargetHealth(
            available=state is None,
            reason=state,
            score=random.choice((0.5, 0.97, 1.0)),
            latency_ms=random.choice((None, 80.5, 420.25)),
            in_flight=random.randrange(5),
            retry_after=None if state is None else random.choice((1.5, 20.0)),
        )
    denied = {"c/m": ("no-c", "not for this tenant")} if random.random() < 0.2 else {}
    return HealthView(targets=targets, round_robin=random.randrange(1000), denied=denied)


def digest() -> str:
    """Over every field of 1,000 decisions, and what else must not depend on the order of a set."""
    seen = sha256()
    for facts, snapshot, health, after in cases(seed=7, snapshots=25, requests=40):
        seen.update(f"{snapshot.hash}{affinity_of(facts)}".encode())
        seen.update(repr(Router().decide(facts, snapshot, health, after=after)).encode())
    return seen.hexdigest()


if __name__ == "__main__":
    print(digest())
