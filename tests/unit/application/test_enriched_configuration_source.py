"""A source that adds what is known of the models, from a certain moment on."""

from __future__ import annotations

from llm_gateway.application.enriched_configuration_source import EnrichedConfigurationSource
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.configuration_stores import ONE
from tests.fakes.model_metadata import FakeModelMetadata

WINDOW = 128_000


def sources() -> tuple[FakeConfigurationSource, FakeModelMetadata]:
    return FakeConfigurationSource({"one": ONE, "other": ONE}, "one"), FakeModelMetadata()


def test_loaded_and_checked_configurations_are_enriched() -> None:
    """Text and digest are those of what was written."""
    source, metadata = sources()
    enriched = EnrichedConfigurationSource(source, metadata)
    for loaded in (enriched.load(), enriched.check("one")):
        assert loaded.configuration.providers[0].models[0].context_window == WINDOW
        assert (loaded.text, loaded.digest) == ("one", source.load().digest)


def test_nothing_is_asked_before_it_begins() -> None:
    """A start does not wait for the data."""
    source, metadata = sources()
    enriched = EnrichedConfigurationSource(source, metadata, begin="later")
    assert enriched.load() == source.load()
    assert metadata.questions == 0
    enriched.begin()
    assert enriched.load().configuration.providers[0].models[0].context_window == WINDOW


def test_writing_goes_through() -> None:
    """What is known of models is never written into a file."""
    source, metadata = sources()
    EnrichedConfigurationSource(source, metadata).write("other")
    assert source.text == "other"
