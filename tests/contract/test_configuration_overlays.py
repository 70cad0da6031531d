"""The contract of port ConfigurationOverlays, kept by every adapter that keeps anything and by the fake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llm_gateway.adapters.configuration_overlays.file import FileConfigurationOverlays
from llm_gateway.adapters.configuration_overlays.memory import MemoryConfigurationOverlays
from llm_gateway.adapters.configuration_overlays.null import NullConfigurationOverlays
from llm_gateway.application.configuration_change import ConfigurationChange, ConfigurationOverlay
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_overlays import FakeConfigurationOverlays


@pytest.fixture(params=["fake", "memory", "file"])
def overlays(request: pytest.FixtureRequest, tmp_path: Path) -> ConfigurationOverlays:
    return {
        "fake": FakeConfigurationOverlays,
        "memory": MemoryConfigurationOverlays,
        "file": lambda: FileConfigurationOverlays(tmp_path / "state" / "overlay.json"),
    }[request.param]()


def overlay(value: object, base: str = "b") -> ConfigurationOverlay:
    change = ConfigurationChange(parameter="providers.é.weight", new_value=value, change_type="update")
    return ConfigurationOverlay(base=base, changes=(change,))


def test_at_first_there_is_none(overlays: ConfigurationOverlays) -> None:
    """Nothing has to be set up."""
    assert overlays.load() is None


def test_an_overlay_comes_back_as_it_was(overlays: ConfigurationOverlays) -> None:
    """With its base, its changes and its events in order."""
    stored = replace(overlay({"a": [1, None]}), events=("e2", "e1"))
    assert overlays.replace(None, stored)
    assert overlays.load() == stored


def test_it_is_replaced_only_from_what_it_is(overlays: ConfigurationOverlays) -> None:
    """Two workers at once do not lose each other's changes."""
    assert overlays.replace(None, overlay(1))
    assert not overlays.replace(None, overlay(2))
    assert not overlays.replace(overlay(1, base="other"), overlay(2))
    assert overlays.load() == overlay(1)
    assert overlays.replace(overlay(1), overlay(2))
    assert overlays.load() == overlay(2)


def test_it_can_be_taken_away(overlays: ConfigurationOverlays) -> None:
    """A revert does so."""
    overlays.replace(None, overlay(1))
    assert overlays.replace(overlay(1), None)
    assert overlays.load() is None
    assert overlays.replace(None, None)


def test_the_null_overlays_refuse_changes() -> None:
    """Without a place to keep them they would be lost at the next reload."""
    with pytest.raises(ConfigurationError, match="state directory"):
        NullConfigurationOverlays().replace(None, overlay(1))
    assert NullConfigurationOverlays().load() is None
