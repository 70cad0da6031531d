"""Which targets a model name can mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from llm_gateway.domain.model_catalogue import ListedModel, ModelCatalogue
from llm_gateway.domain.provider import Model, Provider
from tests.unit.domain.routing_examples import provider


def catalogue(
    *providers: Provider,
    default: Sequence[str] = (),
    aliases: Mapping[str, tuple[str, ...]] | None = None,
) -> ModelCatalogue:
    return ModelCatalogue(providers, default, aliases or {})


def found(models: ModelCatalogue, name: str) -> list[tuple[str, str]]:
    return [(profile.id, via) for profile, via in models.resolve(name).found]


OPENAI = provider("openai", "gpt-4o", Model(name="gpt-4o-mini", aliases=("small",)))
AZURE = provider("azure", "gpt-4o*")
OPEN = provider("open")
OTHER = provider("other")


def test_a_bare_name_means_every_provider_that_lists_it() -> None:
    """By exact name and by pattern; providers that accept anything are not asked."""
    models = catalogue(OPENAI, AZURE, OPEN)
    assert found(models, "gpt-4o") == [("openai/gpt-4o", "model"), ("azure/gpt-4o", "model")]


def test_a_models_alias_means_the_model() -> None:
    """The target has the provider's own name."""
    assert found(catalogue(OPENAI), "small") == [("openai/gpt-4o-mini", "model")]
    assert found(catalogue(OPENAI), "openai/small") == [("openai/gpt-4o-mini", "explicit")]


def test_a_default_provider_that_accepts_anything_joins_those_that_list_the_name() -> None:
    """Being a default provider is what makes it a candidate."""
    models = catalogue(OPENAI, OPEN, OTHER, default=["open"])
    assert found(models, "gpt-4o") == [("openai/gpt-4o", "model"), ("open/gpt-4o", "default")]


def test_a_name_that_nobody_lists_goes_to_the_default_providers_that_accept_anything() -> None:
    """The others that accept anything are left alone."""
    assert found(catalogue(OPENAI, OPEN, OTHER, default=["other"]), "x") == [("other/x", "default")]


def test_providers_that_accept_anything_are_the_last_resort() -> None:
    """Without a default they are the only way, all of them."""
    expected = [("open/x", "default"), ("other/x", "default")]
    assert found(catalogue(OPENAI, OPEN, OTHER, default=["openai"]), "x") == expected


def test_an_explicit_name_is_cut_at_the_first_slash() -> None:
    """The model's own name may hold slashes."""
    assert found(catalogue(OPEN), "open/meta/llama-3") == [("open/meta/llama-3", "explicit")]


def test_a_name_with_a_slash_can_be_a_listed_name() -> None:
    """No provider is called `meta`, so the whole is the model; nor does a provider's id win in vain."""
    groq = provider("groq", "meta/llama-3", "openai/gpt-oss")
    assert found(catalogue(groq), "meta/llama-3") == [("groq/meta/llama-3", "model")]
    assert found(catalogue(groq, OPENAI), "openai/gpt-oss") == [("groq/openai/gpt-oss", "model")]


def test_an_explicit_name_that_the_provider_does_not_serve_is_unserved() -> None:
    """The provider is remembered, so that the rejection can name it."""
    resolution = catalogue(OPENAI).resolve("openai/gpt-9")
    assert (resolution.found, resolution.unserved) == ((), "openai")


def test_an_alias_keeps_the_order_of_its_members() -> None:
    """Whatever the providers' priorities; an alias of an alias and a bare member are followed."""
    models = catalogue(
        provider("a", "m", priority=1),
        provider("b", "m", "n", priority=9),
        aliases={"smart": ("b/n", "both"), "both": ("m",)},
    )
    assert found(models, "smart") == [
        ("b/n", "alias:smart"),
        ("a/m", "alias:smart"),
        ("b/m", "alias:smart"),
    ]


def test_an_alias_wins_over_a_model_of_the_same_name() -> None:
    """Which is how an operator redirects a name; the members are looked up as written."""
    models = catalogue(OPENAI, AZURE, aliases={"gpt-4o": ("azure/gpt-4o",)})
    assert found(models, "gpt-4o") == [("azure/gpt-4o", "alias:gpt-4o")]


def test_preference_is_priority_then_default_then_order() -> None:
    """Lower priority numbers first; the configuration's order decides last."""
    models = catalogue(provider("a", "m"), provider("b", "m"), provider("c", "m", priority=5), default=["b"])
    assert [id for id, _ in found(models, "m")] == ["c/m", "b/m", "a/m"]


@pytest.mark.parametrize("name", ["", "nope", "openai/", "/gpt-4o", "GPT-4O"])
def test_an_unknown_name_means_nothing(name: str) -> None:
    """Names are case-sensitive and need both halves."""
    assert found(catalogue(OPENAI, AZURE), name) == []


def test_an_exact_name_wins_over_a_pattern_of_the_same_provider() -> None:
    """Its description holds: here, its context window."""
    models = catalogue(provider("a", "gpt-*", Model(name="gpt-4o", context_window=7)))
    assert models.resolve("gpt-4o").found[0][0].context_window == 7
    assert models.resolve("gpt-5").found[0][0].context_window is None


def test_listing_names_what_is_spelled_out_once() -> None:
    """Names, their aliases and the configuration's; no pattern; owned by the preferred provider."""
    models = catalogue(
        OPENAI, AZURE, provider("z", "gpt-4o", priority=1), aliases={"fast": ("azure/gpt-4o-mini",)}
    )
    assert [(m.id, m.owned_by) for m in models.listed()] == [
        ("fast", "azure"),
        ("gpt-4o", "z"),
        ("gpt-4o-mini", "openai"),
        ("small", "openai"),
    ]
    assert models.listed()[1].providers == ("z", "openai", "azure")


def test_a_rule_may_know_a_model_by_both_names_when_there_is_one() -> None:
    """An alias for one model is that model; an alias for two is neither."""
    models = catalogue(OPENAI, aliases={"fast": ("openai/small",), "any": ("gpt-4o", "small")})
    assert models.names_of("fast") == ("fast", "gpt-4o-mini")
    assert models.names_of("any") == ("any",)
    assert models.names_of("gpt-4o") == ("gpt-4o",)
    assert models.names_of("openai/gpt-4o") == ("openai/gpt-4o", "gpt-4o")


def test_an_explicit_name_is_answered_for_what_its_provider_spells_out() -> None:
    """By name and by alias; not for a pattern, another provider's model, or any name at all."""
    models = catalogue(OPENAI, AZURE, OPEN)
    for name in ("openai/gpt-4o", "openai/small"):
        assert models.listed_explicitly(name) == ListedModel(id=name, providers=("openai",))
    for name in ("azure/gpt-4o", "open/x", "openai/x", "gpt-4o", "openai/", "nobody/gpt-4o"):
        assert models.listed_explicitly(name) is None
    assert "openai/gpt-4o" not in {listed.id for listed in models.listed()}
