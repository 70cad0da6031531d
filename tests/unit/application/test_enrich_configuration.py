"""What is known of models fills the gaps of a configuration, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.enrich_configuration import MAX_OFFERED, enrich_configuration
from llm_gateway.application.ports.model_metadata import KnownModel
from llm_gateway.application.show_configuration import show_configuration
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model
from tests.fakes.configuration_stores import OPENAI
from tests.fakes.model_metadata import FakeModelMetadata

METADATA = FakeModelMetadata()


def configured(*models: Model) -> GatewayConfiguration:
    return GatewayConfiguration(providers=(replace(OPENAI, models=models),))


def enriched(*models: Model) -> ProviderAccount:
    return enrich_configuration(configured(*models), METADATA).providers[0]


def test_a_named_model_gets_its_window_and_its_prices() -> None:
    """And the account says where they came from."""
    account = enriched(Model(name="gpt-4o"))
    assert account.models == (
        Model(name="gpt-4o", context_window=128_000, input_price="2.5", output_price="10"),
    )
    assert account.metadata_sources == {"gpt-4o": "fake 1"}


def test_what_the_configuration_says_stays() -> None:
    """Field by field: a price of one's own stands beside a window that is known."""
    (model,) = enriched(Model(name="gpt-4o", context_window=8_000, input_price="0")).models
    assert (model.context_window, model.input_price, model.output_price) == (8_000, "0", "10")


def test_an_unknown_model_stays_as_it_is_and_is_marked() -> None:
    """It is served like any other."""
    configuration = enrich_configuration(configured(Model(name="house"), Model(name="gpt-4o")), METADATA)
    assert configuration.providers[0].models[0] == Model(name="house")
    assert configuration.providers[0].unknown_models == ("house",)
    shown = show_configuration(configuration)["providers"][0]["models"]
    assert [model["metadata"] for model in shown] == ["unknown", "fake 1"]


def test_nothing_to_add_gives_the_same_object() -> None:
    """A worker can see that there is nothing to swap."""
    for configuration in (configured(Model(name="house"), Model(name="h-*")), configured()):
        assert enrich_configuration(configuration, METADATA) is configuration


def test_enriching_twice_is_enriching_once() -> None:
    """However a worker came by the configuration, it is the same."""
    for models in ((Model(name="gpt-4o"),), (Model(name="gpt-*"), Model(name="o*")), (Model(name="x"),)):
        once = enrich_configuration(configured(*models), METADATA)
        assert enrich_configuration(once, METADATA) is once


def test_patterns_alone_list_the_models_that_match_them() -> None:
    """Before the patterns, which still stand for every other name."""
    account = enriched(Model(name="gpt-*"))
    assert [model.name for model in account.models] == ["gpt-4o", "gpt-4o-mini", "gpt-*"]
    assert account.models[0].context_window == 128_000
    assert account.models[-1] == Model(name="gpt-*")
    assert sorted(account.metadata_sources) == ["gpt-4o", "gpt-4o-mini"]


def test_a_listed_model_is_what_its_pattern_says() -> None:
    """The first that matches, as in routing."""
    tools = frozenset({Capability.TOOLS})
    first = Model(name="gpt-4o*", context_window=4_000, capabilities=tools, output_price="1")
    account = enriched(first, Model(name="gpt-*", context_window=9))
    assert account.models[0] == replace(first, name="gpt-4o", input_price="2.5")


def test_a_named_model_beside_patterns_lists_no_others() -> None:
    """Who names models has chosen what is shown."""
    account = enriched(Model(name="o1"), Model(name="gpt-*"))
    assert [model.name for model in account.models] == ["o1", "gpt-*"]


def test_an_account_that_accepts_any_name_stays_open() -> None:
    """A single name in it would shut out all others."""
    assert enriched().models == ()


def test_the_list_is_bounded() -> None:
    """An upstream may offer hundreds."""
    many = {f"m-{number:04}": KnownModel(source="fake 1", context_window=1) for number in range(300)}
    configuration = enrich_configuration(configured(Model(name="m-*")), FakeModelMetadata(many))
    names = [model.name for model in configuration.providers[0].models]
    assert names == [*sorted(many)[:MAX_OFFERED], "m-*"]


def test_a_strangers_models_are_left_alone() -> None:
    """The same names mean something else there."""
    house = replace(OPENAI, base_url="http://127.0.0.1:8000/v1", models=(Model(name="gpt-4o"),))
    configuration = GatewayConfiguration(providers=(house,))
    assert enrich_configuration(configuration, METADATA) is configuration
