"""The ModelMetadata contract, for every implementation and the fake."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.model_metadata.genai_prices import GenaiPricesMetadata
from llm_gateway.adapters.model_metadata.null import NullModelMetadata
from llm_gateway.application.ports.model_metadata import ModelMetadata
from llm_gateway.domain.token_cost import price_per_token
from tests.fakes.model_metadata import ADDRESS, FakeModelMetadata

KNOWING = {
    "fake": (FakeModelMetadata, "any", ADDRESS),
    "genai-prices: openai": (GenaiPricesMetadata, "openai", "https://api.openai.com/v1"),
    "genai-prices: anthropic": (GenaiPricesMetadata, "anthropic", "https://api.anthropic.com"),
    "genai-prices: google": (
        GenaiPricesMetadata,
        "google",
        "https://generativelanguage.googleapis.com/v1beta",
    ),
    "genai-prices: xai": (GenaiPricesMetadata, "xai", "https://api.x.ai/v1"),
    "genai-prices: groq": (GenaiPricesMetadata, "openai_compatible", "https://api.groq.com/openai/v1"),
}
EVERY = {"null": (NullModelMetadata, "openai", "https://api.openai.com/v1"), **KNOWING}

Upstream = tuple[ModelMetadata, str, str]


@pytest.fixture(params=EVERY)
def upstream(request: pytest.FixtureRequest) -> Upstream:
    make, provider_type, base_url = EVERY[request.param]
    return make(), provider_type, base_url


@pytest.fixture(params=KNOWING)
def known(request: pytest.FixtureRequest) -> Upstream:
    make, provider_type, base_url = KNOWING[request.param]
    return make(), provider_type, base_url


def test_a_model_that_nobody_knows_is_none(upstream: Upstream) -> None:
    """Not an error: it works all the same."""
    metadata, provider_type, base_url = upstream
    assert metadata.lookup(provider_type, base_url, "house-model-9000") is None


def test_a_stranger_offers_nothing(upstream: Upstream) -> None:
    """Neither a server of one's own nor an address that nobody has heard of."""
    metadata, _, _ = upstream
    for base_url in ("http://127.0.0.1:8000/v1", "https://models.example.org/v1"):
        assert tuple(metadata.offered(base_url)) == ()
        assert metadata.lookup("openai_compatible", base_url, "gpt-4o") is None


def test_the_same_question_has_the_same_answer(upstream: Upstream) -> None:
    """Two workers come to the same snapshot."""
    metadata, provider_type, base_url = upstream
    names = list(metadata.offered(base_url))
    assert names == list(type(metadata)().offered(base_url)) == sorted(set(names))
    assert all(
        metadata.lookup(provider_type, base_url, name)
        == type(metadata)().lookup(provider_type, base_url, name)
        for name in names
    )


def test_what_is_offered_is_known(known: Upstream) -> None:
    """Listed by a plain name, with a window, and from a source."""
    metadata, provider_type, base_url = known
    names = metadata.offered(base_url)
    assert names
    for name in names:
        model = metadata.lookup(provider_type, base_url, name)
        assert model is not None and model.source and (model.context_window or 0) > 0
        assert "*" not in name and "?" not in name


def test_prices_are_decimals_that_routing_accepts(known: Upstream) -> None:
    """A snapshot would be refused for anything else."""
    metadata, provider_type, base_url = known
    models = [metadata.lookup(provider_type, base_url, name) for name in metadata.offered(base_url)]
    prices = [price for model in models if model for price in (model.input_price, model.output_price)]
    given = [price_per_token(price) for price in prices if price is not None]
    assert given and all(price >= 0 for price in given)
