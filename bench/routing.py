"""What one `Router.decide` costs, against the number of providers and rules.

    python bench/routing.py

Every provider serves the requested model (the worst case for the strategies). The rules are a third by
exact model, a third by glob and a third by tenant and header; one of them matches. Facts vary from request
to request in size and affinity key, as real ones do. Prints the best of several rounds, in microseconds.
"""

from __future__ import annotations

from time import perf_counter
from typing import Literal

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.strategy import STRATEGIES, Strategy

REQUESTS = 300
ROUNDS = 7

Weights = Literal["equal", "distinct"]


def snapshot(providers: int, rules: int, strategy: Strategy, weights: Weights) -> RoutingSnapshot:
    models = (Model(name="gpt-4o", context_window=128_000, input_price="2.5", output_price="10"),)
    return RoutingSnapshot.build(
        providers=[provider(i, models, weights) for i in range(providers)],
        rules=[rule(i, rules) for i in range(rules)],
        strategy=strategy,
    )


def provider(index: int, models: tuple[Model, ...], weights: Weights) -> Provider:
    return Provider(
        id=f"provider-{index}",
        type="openai",
        dialect="openai.chat",
        models=models,
        weight=100 if weights == "equal" else index + 1,
    )


def rule(index: int, total: int) -> RoutingRule:
    kinds = (
        RuleMatch(models=(f"model-{index}",)),
        RuleMatch(models=(f"model-{index}-*", "*-preview")),
        RuleMatch(tenants=(f"tenant-{index}",), headers=(("x-tier", "gold*"),)),
    )
    match = RuleMatch(models=("gpt-*",)) if index == total - 1 else kinds[index % 3]
    return RoutingRule(
        name=f"rule-{index}", match=match, action=RuleAction(model="gpt-4o", terminal=index == total - 1)
    )


def requests() -> list[RequestFacts]:
    return [
        RequestFacts(
            model="gpt-4o",
            tenant="acme",
            capabilities=frozenset({Capability.STREAMING, Capability.TOOLS}),
            input_tokens=100 + 37 * i,
            max_output_tokens=1000,
            headers=(("x-tier", "silver"),),
            affinity_key=f"conversation-{i}",
        )
        for i in range(REQUESTS)
    ]


def measure(routing: RoutingSnapshot, health: HealthView, facts: list[RequestFacts]) -> float:
    """Best mean over the rounds, microseconds per decision."""
    decide = Router().decide
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        for one in facts:
            decide(one, routing, health)
        best = min(best, perf_counter() - start)
    return best / len(facts) * 1e6


def healthy(routing: RoutingSnapshot) -> HealthView:
    """Every target observed, so that no look-up is short-cut."""
    return HealthView(
        targets={
            f"{provider_id}/gpt-4o": TargetHealth(latency_ms=100.0 + i, in_flight=i % 7, score=0.97)
            for i, provider_id in enumerate(routing.providers)
        }
    )


def main() -> None:
    facts = requests()
    columns: list[tuple[Strategy, Weights]] = [(strategy, "equal") for strategy in STRATEGIES]
    columns.append(("weighted", "distinct"))
    titles = [f"{s}*" if weights == "distinct" else s for s, weights in columns]
    print("microseconds per decision; * with a different weight for each provider instead of equal ones")
    print(f"{'providers':>9} {'rules':>6}  " + " ".join(f"{title:>13}" for title in titles))
    for providers, rules in ((1, 0), (1, 1), (10, 10), (100, 0), (100, 200), (1000, 1000)):
        cells = []
        for strategy, weights in columns:
            routing = snapshot(providers, rules, strategy, weights)
            cells.append(f"{measure(routing, healthy(routing), facts):13.1f}")
        print(f"{providers:>9} {rules:>6}  " + " ".join(cells))


if __name__ == "__main__":
    main()
