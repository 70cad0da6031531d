"""The contract of port ConfigurationSource, kept by every adapter and by the fake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from llm_gateway.adapters.configuration.environment_source import EnvironmentConfigurationSource
from llm_gateway.adapters.configuration.file_source import FileConfigurationSource
from llm_gateway.application.configuration import GatewayConfiguration, ServerSettings
from llm_gateway.application.ports.configuration_source import ConfigurationSource
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_reading import reader
from tests.fakes.configuration_source import FakeConfigurationSource

EMPTY, PORT, BAD = "", "server: {port: 9000}\n", "rooting: {}\n"


@dataclass(frozen=True)
class Place:
    """A source, and what is written where it reads."""

    source: ConfigurationSource[GatewayConfiguration]
    written: Callable[[], str]


@pytest.fixture(params=["fake", "file"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "fake":
        known = {EMPTY: GatewayConfiguration(), PORT: GatewayConfiguration(server=ServerSettings(port=9000))}
        fake = FakeConfigurationSource(known, EMPTY)
        return Place(fake, lambda: fake.text)
    path = tmp_path / "gateway.yaml"
    path.write_text(EMPTY, encoding="utf-8")
    return Place(FileConfigurationSource(path, reader(environment={})), path.read_text)


def test_what_is_written_is_loaded(place: Place) -> None:
    """Each time anew."""
    assert place.source.load().configuration.server.port == 8080
    place.source.write(PORT)
    assert place.source.load().configuration.server.port == 9000


def test_a_check_gives_what_load_would(place: Place) -> None:
    """And writes nothing."""
    checked = place.source.check(PORT)
    assert place.written() == EMPTY
    place.source.write(PORT)
    assert place.source.load() == checked


def test_text_without_credentials_is_given_back(place: Place) -> None:
    """So that it can be kept and written again."""
    assert place.source.check(PORT).text == PORT


def test_the_digest_tells_texts_apart(place: Place) -> None:
    """And only texts."""
    assert place.source.check(PORT).digest == place.source.check(PORT).digest
    assert place.source.check(PORT).digest != place.source.check(EMPTY).digest


def test_a_bad_text_is_refused_and_changes_nothing(place: Place) -> None:
    """With the place of the mistake."""
    with pytest.raises(ConfigurationError) as caught:
        place.source.check(BAD)
    assert caught.value.line == 1
    assert place.written() == EMPTY


def test_the_environment_is_an_empty_file() -> None:
    """With a provider for each key; there is nothing to write to."""
    source = EnvironmentConfigurationSource(reader())
    loaded = source.load()
    assert [account.id for account in loaded.configuration.providers] == ["anthropic", "openai"]
    assert (loaded.text, loaded.origin) == ("", "environment")
    source.write("")
    with pytest.raises(ConfigurationError, match="no configuration file"):
        source.write(PORT)
