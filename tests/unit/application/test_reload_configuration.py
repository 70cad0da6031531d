"""A reload takes the new configuration whole, or keeps the old one and says why."""

from __future__ import annotations

import asyncio

import pytest

from llm_gateway.application.active_configuration import ActiveConfiguration
from llm_gateway.application.configuration_change import ConfigurationChange, ConfigurationOverlay
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.configuration_stores import ONE, TWO, Scene
from tests.fakes.configuration_watch import FakeConfigurationWatch

WEIGHT = ConfigurationChange(parameter="providers.openai.weight", new_value=7)


def test_the_first_configuration_is_in_force_at_start() -> None:
    """Recorded and archived like every later one."""
    scene = Scene()
    assert scene.live.configuration is ONE
    assert scene.live.last_result.status == "accepted"
    assert [version.reason for _, version in scene.history.list()] == ["start"]
    assert scene.archive.hashes() == (scene.live.current().hash,)


def test_an_invalid_first_configuration_is_an_error() -> None:
    """There is no old one to keep."""
    with pytest.raises(ConfigurationError, match="is not prepared"):
        Scene(source=FakeConfigurationSource({}, "x"))


async def test_a_changed_file_is_put_in_force() -> None:
    """Configuration and snapshot together."""
    scene = Scene()
    scene.source.text = "two"
    result = await scene.reload("SIGHUP")
    assert (result.status, result.trigger) == ("accepted", "SIGHUP")
    assert scene.live.configuration is TWO
    assert scene.live.current().hash == result.snapshot_hash == TWO.snapshot().hash
    assert scene.observed == [result]


async def test_settings_that_wait_for_a_restart_are_named() -> None:
    """A port cannot change under open sockets."""
    scene = Scene()
    scene.source.text = "two"
    assert (await scene.reload("SIGHUP")).needs_restart == ("server.port",)


@pytest.mark.parametrize("text", ["nonsense", "broken"])
async def test_an_invalid_file_leaves_the_old_one_and_is_visible(text: str) -> None:
    """Whether its shape is wrong or only the snapshot cannot be built."""
    scene = Scene()
    before = scene.live.active
    scene.source.text = text
    result = await scene.reload("SIGHUP")
    assert result.status == "refused"
    assert result.message
    assert scene.live.active is before
    assert scene.live.last_result is result
    assert len(scene.history.versions) == 1


async def test_a_refusal_is_over_when_the_file_is_as_it_was() -> None:
    """The last result always says how things stand."""
    scene = Scene()
    for text in ("nonsense", "one"):
        scene.source.text = text
        await scene.reload("SIGHUP")
    assert scene.live.last_result.status == "unchanged"
    assert scene.live.last_result.message is None


async def test_a_reload_without_a_change_swaps_nothing() -> None:
    """Memos inside the snapshot stay warm."""
    scene = Scene()
    before = scene.live.active
    assert (await scene.reload("SIGHUP")).status == "unchanged"
    assert scene.live.active is before


async def test_who_holds_a_snapshot_keeps_it() -> None:
    """Requests in flight finish on what they began with."""
    scene = Scene()
    held = scene.live.current()
    scene.source.text = "two"
    await scene.reload("SIGHUP")
    assert held.strategy == "priority"
    assert scene.live.current().strategy == "weighted"


async def test_listeners_see_the_new_one_before_requests_do() -> None:
    """What they prepare is there with the first request on the new snapshot."""
    scene, seen = Scene(), []
    scene.live.subscribe(lambda active: seen.append((active.configuration, scene.live.configuration)))
    scene.source.text = "two"
    await scene.reload("SIGHUP")
    assert seen == [(TWO, ONE)]


async def test_a_listener_that_fails_keeps_the_old_one() -> None:
    """And does not end reloading."""
    scene = Scene()

    def fail(active: ActiveConfiguration) -> None:
        raise RuntimeError("no such dialect")

    scene.live.subscribe(fail)
    scene.source.text = "two"
    result = await scene.reload("SIGHUP")
    assert (result.status, result.message) == ("refused", "not put in force: no such dialect")
    assert scene.live.configuration is ONE


async def test_a_history_that_cannot_be_written_refuses_nothing() -> None:
    """A read-only disk is a note, not an outage."""
    scene = Scene()
    scene.history.failure = OSError(30, "Read-only file system")
    scene.source.text = "two"
    result = await scene.reload("SIGHUP")
    assert result.status == "accepted"
    assert result.notes == ("history not written: Read-only file system",)
    assert scene.live.last_result == result


async def test_reloads_wait_for_each_other() -> None:
    """Two notices at once give one change and one unchanged."""
    scene = Scene()
    scene.source.text = "two"
    results = await asyncio.gather(scene.reload("a"), scene.reload("b"))
    assert [result.status for result in results] == ["accepted", "unchanged"]


async def test_it_follows_a_watch() -> None:
    """One reload for each notice."""
    scene = Scene()
    await scene.reload.follow(FakeConfigurationWatch(["x changed", "y changed"]))
    assert [result.trigger for result in scene.observed] == ["x changed", "y changed"]


async def test_the_optimizers_changes_survive_a_reload_of_the_same_file() -> None:
    """They lie on top of the text that they were made on."""
    scene = Scene()
    base = scene.live.active.digest
    scene.overlays.overlay = ConfigurationOverlay(base=base, changes=(WEIGHT,))
    await scene.reload("overlay changed")
    assert scene.live.current().providers["openai"].weight == 7


async def test_an_edited_file_ends_the_optimizers_changes() -> None:
    """Who edits the file has the last word."""
    scene = Scene()
    scene.overlays.overlay = ConfigurationOverlay(base="another", changes=(WEIGHT,))
    await scene.reload("file changed")
    assert scene.live.current().providers["openai"].weight == 100
    assert scene.live.active.changes == ()


def test_execution_settings_follow_the_configuration() -> None:
    """The attempt loop reads them per request."""
    scene = Scene()
    assert scene.live.retry() == ONE.resilience.retry
    assert scene.live.patience() == ONE.resilience.bulkhead.queue_timeout
