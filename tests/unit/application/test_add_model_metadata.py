"""A worker that is ready puts what is known of the models in force."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from llm_gateway.application.add_model_metadata import AddModelMetadata
from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.enrich_configuration import enrich_configuration
from llm_gateway.application.enriched_configuration_source import EnrichedConfigurationSource
from llm_gateway.application.ports.model_metadata import ModelMetadata
from llm_gateway.domain.provider import Model
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.configuration_stores import ONE, TWO, Scene
from tests.fakes.model_metadata import FakeModelMetadata

METADATA = FakeModelMetadata()
LAB = ProviderAccount(
    id="lab",
    type="openai_compatible",
    dialect="openai.chat",
    base_url="http://127.0.0.1:1/v1",
    models=(Model(name="lab/echo"), Model(name="lab/*")),
)
WEIGHT = ConfigurationChange(parameter="providers.openai.weight", new_value=7)


def worker(
    text: str = "one", metadata: ModelMetadata = METADATA
) -> tuple[Scene, FakeConfigurationSource, AddModelMetadata]:
    written = FakeConfigurationSource(
        {"one": ONE, "two": TWO, "lab": GatewayConfiguration(providers=(LAB,))}, text
    )
    source = EnrichedConfigurationSource(written, metadata, begin="later")
    scene = Scene(source=source)  # type: ignore[arg-type]
    return scene, written, AddModelMetadata(scene.live, source, metadata, scene.reload, scene.clock)


async def test_what_is_known_is_put_in_force_like_a_reload() -> None:
    """With a trigger of its own, and both snapshots in the archive."""
    scene, _, add = worker()
    before = scene.live.current().hash
    await add()
    after = scene.live.current().hash
    assert scene.live.configuration == enrich_configuration(ONE, METADATA)
    assert [(r.status, r.trigger) for r in scene.observed] == [("accepted", "model metadata")]
    assert set(scene.archive.hashes()) == {before, after}
    assert before != after


async def test_the_history_is_of_what_was_written() -> None:
    """No version is added, since nobody has changed anything."""
    scene, _, add = worker()
    await add()
    assert [version.reason for _, version in scene.history.list()] == ["start"]


async def test_nothing_happens_when_there_is_nothing_to_add() -> None:
    """The lab alone: the last result is still that of the start."""
    scene, _, add = worker("lab")
    before = scene.live.active
    await add()
    assert scene.live.active is before
    assert scene.observed == []
    assert scene.live.last_result.trigger == "start"


async def test_a_reload_afterwards_is_enriched_at_once() -> None:
    """Without a moment in which windows and prices are gone; and the same text is no change."""
    scene, written, add = worker()
    await add()
    assert (await scene.reload("SIGHUP")).status == "unchanged"
    written.text = "two"
    await scene.reload("SIGHUP")
    assert scene.live.configuration == enrich_configuration(TWO, METADATA)


async def test_changes_of_the_optimizer_stay_in_force() -> None:
    """Those from before, and those that come after."""
    scene, _, add = worker()
    await scene.update([WEIGHT], reason="test")
    await add()
    assert scene.live.active.changes and scene.live.configuration.providers[0].weight == 7
    await scene.update([replace(WEIGHT, new_value=9)], reason="test")
    account = scene.live.configuration.providers[0]
    assert (account.weight, account.models[0].context_window) == (9, 128_000)


async def test_two_workers_come_to_the_same_snapshot() -> None:
    """One that learns first and reloads, and one that reloads first and learns."""
    (first, text_one, add_one), (second, text_two, add_two) = worker(), worker()
    await add_one()
    text_one.text = text_two.text = "two"
    await asyncio.gather(first.reload("file"), second.reload("file"))
    await add_two()
    assert first.live.current().hash == second.live.current().hash
    assert first.live.configuration == second.live.configuration
