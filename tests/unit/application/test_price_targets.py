"""PriceTargets: the configuration's prices, else those that are publicly known."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount, RoutingSettings
from llm_gateway.application.enrich_configuration import enrich_configuration
from llm_gateway.application.ports.model_metadata import KnownModel
from llm_gateway.application.ports.price_list import ListedPrices
from llm_gateway.application.price_targets import PriceTargets
from llm_gateway.domain.provider import Model
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_cost import price_per_token
from llm_gateway.domain.token_prices import TokenPrices, TokenRate
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.configuration_stores import ONE, OPENAI, Scene
from tests.fakes.model_metadata import ADDRESS, FakeModelMetadata

PUBLIC = TokenPrices(input=TokenRate(base=5), output=TokenRate(base=7), cached=TokenRate(base=1))
METADATA = {
    "gpt-4o": KnownModel(source="fake 1", input_price="2.5", output_price="10", prices=PUBLIC),
    "half": KnownModel(source="fake 1", input_price="2.5"),
}


def prices(*models: Model, metadata: FakeModelMetadata | None = None) -> PriceTargets:
    metadata = metadata or FakeModelMetadata(METADATA)
    account: ProviderAccount = replace(OPENAI, id="openai", base_url=ADDRESS, models=models)
    configuration: GatewayConfiguration = replace(ONE, providers=(account,), routing=RoutingSettings())
    scene = Scene(
        source=FakeConfigurationSource({"one": enrich_configuration(configuration, metadata)}, "one")
    )
    return PriceTargets(scene.live, metadata)


async def test_what_is_known_counts_with_all_its_rates() -> None:
    """Also for a model that the configuration only has a pattern for."""
    listed = ListedPrices(prices=PUBLIC, source="fake 1")
    assert await prices(Model(name="gpt-4o")).of(Target("openai", "gpt-4o")) == listed
    assert await prices(Model(name="gpt-*")).of(Target("openai", "gpt-4o")) == listed


async def test_the_configurations_prices_win() -> None:
    """A negotiated price has no public discount for cached tokens."""
    model = Model(name="gpt-4o", input_price="1", output_price="2")
    listed = await prices(model).of(Target("openai", "gpt-4o"))
    assert listed is not None and listed.source == "configuration"
    assert listed.prices == TokenPrices(
        input=TokenRate(base=price_per_token("1")), output=TokenRate(base=price_per_token("2"))
    )


async def test_what_is_not_known_is_none() -> None:
    """Neither a free model nor half a price; nor a provider that has been removed."""
    found = prices(Model(name="half"), Model(name="house"))
    assert await found.of(Target("openai", "house")) is None
    assert await found.of(Target("openai", "half")) is None
    assert await found.of(Target("removed", "gpt-4o")) is None


async def test_a_question_is_asked_once() -> None:
    """Records come by the thousand."""
    metadata = FakeModelMetadata(METADATA)
    found = prices(Model(name="gpt-4o"), metadata=metadata)
    before = metadata.questions
    for _ in range(3):
        await found.of(Target("openai", "gpt-4o"))
        await found.of(Target("openai", "unknown"))
    assert metadata.questions == before + 2
