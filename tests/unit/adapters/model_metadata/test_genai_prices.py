"""What the real genai-prices package answers, and what happens without it."""

from __future__ import annotations

import logging
import sys
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data import providers

from llm_gateway.adapters.model_metadata.genai_prices import GenaiPricesMetadata
from llm_gateway.domain.usage import Usage

OPENAI = "https://api.openai.com/v1"
METADATA = GenaiPricesMetadata()


def test_a_model_has_the_window_and_the_prices_of_the_data() -> None:
    """Read from the package here, too: figures move with its versions."""
    there = next(p for p in providers if p.id == "openai").find_model("gpt-4o")
    known = METADATA.lookup("openai", OPENAI, "gpt-4o")
    assert there is not None and known is not None
    assert known.context_window == there.context_window
    assert Decimal(known.input_price or "") == there.prices.input_mtok
    assert Decimal(known.output_price or "") == there.prices.output_mtok
    assert known.source.startswith("genai-prices ")


def test_a_dated_name_is_the_same_model() -> None:
    """Upstreams accept both."""
    assert METADATA.lookup("openai", OPENAI, "gpt-4o-2024-08-06") == METADATA.lookup(
        "openai", OPENAI, "gpt-4o"
    )


@pytest.mark.parametrize(
    ("provider_type", "base_url", "model"),
    [
        ("openai", "https://proxy.example/v1", "gpt-4o"),
        ("openai", "http://127.0.0.1:9/v1", "gpt-4o"),
        ("openai_compatible", OPENAI, "gpt-4o"),
        ("azure_openai", "https://proxy.example", "gpt-4o"),
        ("xai", "https://proxy.example/v1", "grok-4"),
    ],
)
def test_an_upstream_is_known_by_its_address_or_by_its_type(
    provider_type: str, base_url: str, model: str
) -> None:
    """A proxy in between does not make the model another one."""
    assert METADATA.lookup(provider_type, base_url, model) is not None


def test_only_the_upstream_itself_offers_its_models() -> None:
    """What a proxy lets through is not known."""
    assert "gpt-4o" in METADATA.offered(OPENAI)
    assert tuple(METADATA.offered("https://proxy.example/v1")) == ()


def test_models_for_speech_pictures_and_embeddings_are_not_offered() -> None:
    """Nor are the ids of families that are no names."""
    names = set(METADATA.offered(OPENAI))
    assert names.isdisjoint(
        {
            "gpt-4o-transcribe",
            "gpt-realtime",
            "gpt-image-1",
            "whisper-1",
            "text-embedding-3-small",
            "ft:gpt-4o",
        }
    )


def test_deprecated_models_are_not_offered() -> None:
    """They still work under their name."""
    mistral = next(p for p in providers if p.id == "mistral")
    deprecated = {model.id for model in mistral.models if model.deprecated}
    offered = set(METADATA.offered("https://api.mistral.ai/v1"))
    assert deprecated and offered and offered.isdisjoint(deprecated)


def test_the_package_is_not_loaded_for_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab costs neither the time nor the memory."""
    monkeypatch.delitem(sys.modules, "genai_prices.data", raising=False)
    metadata = GenaiPricesMetadata()
    assert metadata.lookup("openai_compatible", "http://127.0.0.1:8000/v1", "lab/echo") is None
    assert not metadata.offered("http://127.0.0.1:8000/v1")
    assert "genai_prices.data" not in sys.modules


def test_a_broken_package_knows_nothing_and_is_reported_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Routing works without metadata."""
    monkeypatch.setitem(sys.modules, "genai_prices.data", None)
    metadata = GenaiPricesMetadata()
    with caplog.at_level(logging.WARNING, "llm_gateway.model_metadata"):
        assert metadata.lookup("openai", OPENAI, "gpt-4o") is None
        assert tuple(metadata.offered(OPENAI)) == ()
    assert [record.getMessage() for record in caplog.records] == [
        "model metadata cannot be loaded: models stay unknown"
    ]


@pytest.mark.parametrize(
    ("provider_type", "base_url", "model"),
    [
        ("openai", OPENAI, "gpt-4o"),
        ("anthropic", "https://api.anthropic.com", "claude-sonnet-4-5"),
        ("google", "https://generativelanguage.googleapis.com/v1beta", "gemini-2.5-pro"),
    ],
)
@pytest.mark.parametrize("tokens", [1_000, 300_000])
def test_a_cost_is_what_the_package_itself_works_out(
    provider_type: str, base_url: str, model: str, tokens: int
) -> None:
    """To the last digit, with cached tokens, written ones and the tiers of long requests."""
    written = 70 if provider_type == "anthropic" else 0
    known = METADATA.lookup(provider_type, base_url, model)
    assert known is not None and known.prices is not None
    cost = known.prices.cost(
        Usage(input_tokens=tokens, cached_tokens=400, cache_write_tokens=written, output_tokens=33)
    )
    usage = genai_prices.Usage(
        input_tokens=tokens, cache_read_tokens=400, cache_write_tokens=written, output_tokens=33
    )
    theirs = genai_prices.calc_price(usage, model, provider_id=provider_type)
    assert (cost.prompt, cost.completion) == (
        theirs.input_price.scaleb(18),
        theirs.output_price.scaleb(18),
    )
