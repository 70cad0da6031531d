"""The optimizer's changes are taken whole or not at all."""

from __future__ import annotations

import errno

import pytest

from llm_gateway.application.configuration_change import UNSTATED, ConfigurationChange, ConfigurationOverlay
from llm_gateway.application.revert_configuration import RevertConfiguration
from llm_gateway.application.update_configuration import MOST_CHANGES, MOST_EVENTS, settled
from llm_gateway.domain.errors import ConfigurationError, Overloaded
from tests.fakes.configuration_stores import Scene


def full_disk(*_: object) -> bool:
    raise OSError(errno.ENOSPC, "No space left on device")


def change(parameter: str, value: object, **more: object) -> ConfigurationChange:
    return ConfigurationChange(parameter=parameter, new_value=value, **more)  # type: ignore[arg-type]


async def test_changes_are_in_force_stored_and_recorded() -> None:
    """This worker at once, the others through the overlay."""
    scene = Scene()
    result = await scene.update([change("providers.openai.weight", 7)], reason="optimizer e1")
    assert result.status == "accepted"
    assert scene.live.current().providers["openai"].weight == 7
    assert scene.overlays.overlay is not None
    assert scene.overlays.overlay.base == scene.live.active.digest
    assert scene.history.list()[0][1].reason == "optimizer e1"


async def test_one_bad_change_refuses_all_of_them() -> None:
    """Nothing has changed anywhere."""
    scene = Scene()
    before = scene.live.active
    changes = [change("providers.openai.weight", 7), change("routing.default_providers", ["nobody"])]
    with pytest.raises(ConfigurationError, match="unknown provider 'nobody'"):
        await scene.update(changes, reason="optimizer")
    assert scene.live.active is before
    assert scene.overlays.overlay is None


async def test_later_changes_go_on_top_of_earlier_ones() -> None:
    """The old value that is expected is the one in force."""
    scene = Scene()
    await scene.update([change("providers.openai.weight", 7)], reason="a")
    await scene.update([change("providers.openai.priority", 3)], reason="b")
    await scene.update([change("providers.openai.weight", 9, old_value=7)], reason="c")
    openai = scene.live.current().providers["openai"]
    assert (openai.weight, openai.priority) == (9, 3)


async def test_another_workers_change_at_the_same_time_is_kept() -> None:
    """It comes first and these are tried again on top of it."""
    scene = Scene()
    rival = ConfigurationOverlay(
        base=scene.live.active.digest, changes=(change("providers.openai.priority", 3),)
    )
    scene.overlays.rivals = [rival]
    await scene.update([change("providers.openai.weight", 7)], reason="a")
    openai = scene.live.current().providers["openai"]
    assert (openai.weight, openai.priority) == (7, 3)


async def test_endless_rivals_are_an_error() -> None:
    """Rather than an endless loop: one that tells the sender to come again."""
    scene = Scene()
    base = scene.live.active.digest
    scene.overlays.rivals = [
        ConfigurationOverlay(base=base, changes=(change("providers.openai.priority", n),)) for n in range(9)
    ]
    with pytest.raises(Overloaded, match="try again"):
        await scene.update([change("providers.openai.weight", 7)], reason="a")


async def test_an_event_is_taken_in_once() -> None:
    """Whoever took it in, and though it was reverted since: the overlay knows."""
    scene = Scene()
    oldest = scene.history.list()[-1][0]
    await scene.update([change("providers.openai.weight", 7)], reason="a", event="e1")
    RevertConfiguration(scene.stores, scene.clock)(oldest)
    await scene.reload("reverted")
    assert await scene.update([change("providers.openai.weight", 7)], reason="a", event="e1") is None
    assert scene.live.current().providers["openai"].weight == 100


async def test_an_event_outlives_the_text_that_it_changed() -> None:
    """The changes end with it."""
    scene = Scene()
    await scene.update([change("providers.openai.weight", 7)], reason="a", event="e1")
    scene.source.text = "two"
    await scene.update([change("providers.openai.priority", 3)], reason="b", event="e2")
    assert scene.overlays.overlay is not None
    assert scene.overlays.overlay.events == ("e1", "e2")
    assert scene.live.current().providers["openai"].weight == 100


async def test_a_refused_event_may_come_again() -> None:
    """What was in its way may be gone."""
    scene = Scene()
    stale = [change("providers.openai.weight", 7, old_value=50)]
    with pytest.raises(ConfigurationError, match="is 100 now, not 50"):
        await scene.update(stale, reason="a", event="e1")
    await scene.update([change("providers.openai.weight", 50)], reason="b", event="e2")
    assert await scene.update(stale, reason="a", event="e1") is not None


async def test_the_newest_events_are_known() -> None:
    """A bounded number of them."""
    scene = Scene()
    events = tuple(str(number) for number in range(MOST_EVENTS))
    scene.overlays.overlay = ConfigurationOverlay(base="another", changes=(), events=events)
    await scene.update([change("providers.openai.weight", 7)], reason="a", event="new")
    assert scene.overlays.overlay.events == (*events[1:], "new")


async def test_changes_that_cannot_be_put_in_force_are_not_kept_either() -> None:
    """What prepares for a snapshot may refuse it."""
    scene = Scene()

    def refuse(active: object) -> None:
        raise RuntimeError("no")

    scene.live.subscribe(refuse)
    with pytest.raises(ConfigurationError, match="not put in force: no"):
        await scene.update([change("providers.openai.weight", 7)], reason="a", event="e1")
    assert scene.overlays.overlay is None


async def test_changes_that_cannot_be_stored_are_the_gateways_fault() -> None:
    """The sender comes again."""
    scene = Scene()
    scene.overlays.replace = full_disk  # type: ignore[method-assign]
    with pytest.raises(Overloaded, match="No space left"):
        await scene.update([change("providers.openai.weight", 7)], reason="a")


async def test_every_bad_change_is_named() -> None:
    """Not only the first."""
    changes = [change("providers.nobody.weight", 7), change("a.b", 1), change("rules.gold.priority", 1)]
    with pytest.raises(ConfigurationError) as caught:
        await Scene().update(changes, reason="a")
    assert [e.path for e in (caught.value, *caught.value.others)] == ["providers.nobody.weight", "a.b"]


async def test_the_changes_that_stand_are_bounded() -> None:
    """Additions and removals are not settled by later ones."""
    many = [change("routing.default_providers", ["openai"], change_type="add")] * (MOST_CHANGES + 1)
    with pytest.raises(ConfigurationError, match="take them into the file"):
        await Scene().update(many, reason="a")


async def test_no_changes_are_refused() -> None:
    """An empty update is a mistake of the sender."""
    with pytest.raises(ConfigurationError, match="no changes"):
        await Scene().update([], reason="a")


def test_what_is_kept_is_the_last_word_on_each_parameter() -> None:
    """Without old values, which were checked when they were stated."""
    kept = settled(
        [
            change("a.weight", 1, old_value=100),
            change("b.list", ["x"], change_type="add"),
            change("a.weight", 2, old_value=1),
            change("b.list", ["y"], change_type="add"),
        ]
    )
    assert [(item.parameter, item.new_value) for item in kept] == [
        ("b.list", ["x"]),
        ("a.weight", 2),
        ("b.list", ["y"]),
    ]
    assert all(item.old_value is UNSTATED for item in kept)
