"""The optimizer's changes are taken whole or not at all."""

from __future__ import annotations

import pytest

from llm_gateway.application.configuration_change import UNSTATED, ConfigurationChange, ConfigurationOverlay
from llm_gateway.application.update_configuration import settled
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_stores import Scene


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
    """Rather than an endless loop."""
    scene = Scene()
    base = scene.live.active.digest
    scene.overlays.rivals = [
        ConfigurationOverlay(base=base, changes=(change("providers.openai.priority", n),)) for n in range(9)
    ]
    with pytest.raises(ConfigurationError, match="try again"):
        await scene.update([change("providers.openai.weight", 7)], reason="a")


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
