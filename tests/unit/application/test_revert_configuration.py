"""Going back to an earlier version."""

from __future__ import annotations

import pytest

from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.revert_configuration import RevertConfiguration
from llm_gateway.domain.errors import ConfigurationError, NotFound
from tests.fakes.configuration_stores import ONE, Scene

WEIGHT = ConfigurationChange(parameter="providers.openai.weight", new_value=7)


async def changed_to_two() -> tuple[Scene, RevertConfiguration]:
    scene = Scene()
    scene.source.text = "two"
    await scene.reload("file changed")
    return scene, RevertConfiguration(scene.stores, scene.clock)


async def test_the_earlier_text_is_written_back() -> None:
    """Running gateways follow by their watches."""
    scene, revert = await changed_to_two()
    oldest = scene.history.list()[-1][0]
    assert revert(oldest).text == "one"
    assert scene.source.text == "one"
    await scene.reload("file changed")
    assert scene.live.configuration == ONE


async def test_the_optimizers_changes_are_part_of_a_version() -> None:
    """Going back before them takes them away, going back to them brings them again."""
    scene = Scene()
    await scene.update([WEIGHT], reason="optimizer")
    (newer, _), (older, _) = scene.history.list()
    revert = RevertConfiguration(scene.stores, scene.clock)
    revert(older)
    assert scene.overlays.overlay is None
    revert(newer)
    await scene.reload("overlay changed")
    assert scene.live.current().providers["openai"].weight == 7


async def test_a_file_that_still_is_that_version_is_left_alone() -> None:
    """What was kept has no credentials in it; the file may have."""
    scene, revert = await changed_to_two()
    scene.source.write = lambda text: pytest.fail("written")  # type: ignore[method-assign]
    revert(scene.history.list()[0][0])
    assert scene.source.text == "two"


async def test_a_version_that_is_no_longer_valid_is_refused() -> None:
    """Before anything is written."""
    scene, revert = await changed_to_two()
    scene.source.known = {"two": scene.live.configuration}
    with pytest.raises(ConfigurationError, match="is not prepared"):
        revert(scene.history.list()[-1][0])
    assert scene.source.text == "two"


async def test_a_broken_file_can_be_reverted_from() -> None:
    """That is what it is for."""
    scene, revert = await changed_to_two()
    scene.source.text = "nonsense"
    revert(scene.history.list()[-1][0])
    assert scene.source.text == "one"


def test_an_unknown_version_is_not_found() -> None:
    """The id comes from a person."""
    scene = Scene()
    with pytest.raises(NotFound, match="'x'"):
        RevertConfiguration(scene.stores, scene.clock)("x")
