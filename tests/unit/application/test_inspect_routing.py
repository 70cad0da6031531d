"""InspectRouting: the configuration in force, with what all workers know of its targets."""

from __future__ import annotations

import json

from llm_gateway.application.inspect_routing import Parts
from llm_gateway.application.ports.traffic import ProviderTraffic, TrafficTotals
from llm_gateway.application.ports.worker_board import TargetNotice
from llm_gateway.domain.target import Target
from tests.fakes.worker_scene import KEY, WorkerScene
from tests.samples.notices import notice

ALL = Parts(detailed=True, metrics=True, health=True)


async def test_the_plain_inspection() -> None:
    """Ids, rules and settings; the parts only when they are asked for."""
    scene = WorkerScene()
    found = await scene.inspect(Parts())
    assert (found["provider_count"], found["providers"]) == (2, ["openai", "eu.claude"])
    assert (found["rule_count"], found["rules"][0]["name"]) == (1, "gold")
    assert found["config"]["default_providers"] == ["openai"]
    assert found["snapshot_hash"] == scene.live.current().hash
    assert not {"health", "metrics"} & found.keys()


async def test_no_secret_appears() -> None:
    """Neither a provider's key nor the value of a header that a rule adds."""
    text = json.dumps(await WorkerScene().inspect(ALL))
    assert KEY not in text
    assert '"x-tier": "**********"' in text


async def test_targets_are_those_of_all_workers() -> None:
    """The worst breaker, the latest cooldown, the calls of both, the mean of what was measured."""
    scene = WorkerScene()
    assert scene.book.begin(Target("openai", "gpt-4o")) is not None
    other = TargetNotice(
        target="openai/gpt-4o",
        breaker="open",
        available=False,
        reason="breaker open",
        score=0.25,
        latency_ms=10.0,
        in_flight=2,
        cooldown_until=1_700_000_060.0,
    )
    scene.board.publish(notice(worker=1, pid=7, targets=(other,)))
    found = await scene.inspect(ALL)
    openai, claude = found["providers"]
    assert (openai["breaker_state"], openai["in_flight"], openai["latency_ms"]) == ("open", 3, 10.0)
    assert openai["cooldown_until"] == "2023-11-14T22:14:20.000Z"
    assert found["health"][0]["unavailable"] == {"openai/gpt-4o": "breaker open"}
    assert (claude["targets"], found["health"][1]["health_score"]) == ([], None)


async def test_models_without_public_metadata_are_marked() -> None:
    """They are served like any other; a pattern is no model."""
    openai, claude = (await WorkerScene().inspect(ALL))["providers"]
    assert (openai["models"], openai["unknown_models"]) == (["gpt-4o"], ["gpt-4o"])
    assert (claude["models"], claude["unknown_models"]) == (["claude-*"], [])


async def test_metrics_are_counted_per_provider() -> None:
    """Zero for one that nobody has asked: that is known."""
    totals = TrafficTotals(providers={"openai": ProviderTraffic(requests=5, errors=1)})
    found = await WorkerScene(totals=totals).inspect(Parts(metrics=True))
    assert [(entry["requests"], entry["errors"]) for entry in found["metrics"]] == [(5, 1), (0, 0)]


async def test_nothing_usable_is_said() -> None:
    """A draining worker alone is not ready."""
    scene = WorkerScene()
    scene.lifecycle.drain()
    assert (await scene.inspect(Parts()))["status"] == "unavailable"
