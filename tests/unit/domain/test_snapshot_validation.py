"""The list of bad routing configurations, each refused with the path of the offending value."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.provider import Model
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from tests.unit.domain.routing_examples import provider, rule

OPENAI = provider("openai", "gpt-4o", "gpt-4.1*")
LONG = 2**60

BAD: list[tuple[str, dict[str, Any]]] = [
    ("providers[1].id", {"providers": [OPENAI, OPENAI]}),
    ("providers[0].id", {"providers": [provider("a/b", "m")]}),
    ("providers[0].id", {"providers": [provider("", "m")]}),
    ("providers[0].weight", {"providers": [provider("a", "m", weight=0)]}),
    ("providers[0].weight", {"providers": [provider("a", "m", weight=-3)]}),
    ("providers[0].models[1].name", {"providers": [provider("a", "m", "m")]}),
    ("providers[0].models[0].name", {"providers": [provider("a", "")]}),
    ("providers[0].models[0].aliases", {"providers": [provider("a", Model(name="m*", aliases=("x",)))]}),
    (
        "providers[0].models[0].input_price",
        {"providers": [provider("a", Model(name="m", input_price="cheap"))]},
    ),
    (
        "providers[0].models[0].output_price",
        {"providers": [provider("a", Model(name="m", output_price="-1"))]},
    ),
    ("routing.strategy", {"strategy": "random"}),
    ("routing.default_providers[0]", {"default_providers": ["nobody"]}),
    ("routing.fallback.max_targets", {"fallback": Fallback(max_targets=-1)}),
    ("routing.aliases.a", {"aliases": {"a": ("a",)}}),
    ("routing.aliases.a", {"aliases": {"a": ("b",), "b": ("gpt-4o", "a")}}),
    ("routing.aliases.a", {"aliases": {"a": ()}}),
    ("routing.aliases.fast", {"aliases": {"fast": ("openai/gpt-9",)}}),
    ("routing.aliases.fast[1]", {"aliases": {"fast": ("gpt-4o", "nobody/gpt-4o")}}),
    ("routing.rules[1].name", {"rules": [rule("r"), rule("r")]}),
    ("routing.rules[0].action.providers[1]", {"rules": [rule("r", providers=("openai", "nobody"))]}),
    ("routing.rules[0].action.weights.nobody", {"rules": [rule("r", weights=(("nobody", 1),))]}),
    ("routing.rules[0].action.weights.openai", {"rules": [rule("r", weights=(("openai", 0),))]}),
    ("routing.rules[0].action.strategy", {"rules": [rule("r", strategy="fastest")]}),
    ("routing.rules[0].action.model", {"rules": [rule("r", model="gpt-9")]}),
    ("routing.rules[0].match.models[1]", {"rules": [rule("r", models=("gpt-*", "claude-*"))]}),
    ("routing.rules[0].match.models[0]", {"rules": [rule("r", models=("GPT-4o",))]}),
]


@pytest.mark.parametrize(("path", "arguments"), BAD)
def test_a_bad_configuration_is_refused_with_its_path(path: str, arguments: dict[str, Any]) -> None:
    """Each entry differs from a good configuration in one value."""
    with pytest.raises(ConfigurationError) as refusal:
        RoutingSnapshot.build(**{"providers": [OPENAI], **arguments})
    assert refusal.value.path == path


@pytest.mark.parametrize(
    "good",
    [
        rule("overlap", models=("gpt-4.1-*",)),
        rule("explicit", models=("openai/*",)),
        rule("rewrite", models=("legacy-*",), model="gpt-4o"),
        rule("pattern", model="gpt-4.1-nano"),
        rule("off", models=("gpt-4o",), enabled=False),
    ],
)
def test_a_rule_that_can_match_is_accepted(good: RoutingRule) -> None:
    """Two patterns that overlap, explicit names, and a rewrite of names that nobody serves."""
    assert RoutingSnapshot.build(providers=[OPENAI], rules=[good]).rules == (good,)


def test_any_pattern_can_match_where_a_provider_accepts_any_name() -> None:
    """Nobody can know its models."""
    RoutingSnapshot.build(providers=[provider("open")], rules=[rule("r", models=("whatever-*",))])


def test_a_rule_may_send_a_rewritten_name_to_a_provider_that_accepts_any() -> None:
    """The rule's providers count, besides those that list the name."""
    action = rule("r", model="llama", providers=("open",))
    RoutingSnapshot.build(providers=[OPENAI, provider("open")], rules=[action])


def test_a_number_that_json_cannot_hold_is_a_configuration_error() -> None:
    """And not a ValueError out of the hash."""
    with pytest.raises(ConfigurationError):
        RoutingSnapshot.build(providers=[provider("a", "m", weight=LONG)])


def test_no_provider_at_all_is_a_snapshot_that_rejects_everything() -> None:
    """A gateway without keys must still start and say so."""
    assert RoutingSnapshot.build(providers=[]).models() == ()


def test_aliases_of_aliases_are_each_walked_once() -> None:
    """Two members a level would be a million paths."""
    aliases = {f"a{level}": (f"a{level + 1}", f"b{level + 1}") for level in range(15)}
    aliases |= {f"b{level}": (f"a{level + 1}", f"b{level + 1}") for level in range(15)}
    aliases |= {"a15": ("gpt-4o",), "b15": ("openai/gpt-4o",)}
    snapshot = RoutingSnapshot.build(providers=[OPENAI], aliases=aliases)
    assert "a0" in {listed.id for listed in snapshot.models()}


def test_a_chain_of_aliases_has_a_longest_length() -> None:
    """A chain is followed on request, so it must end soon."""
    aliases = {f"a{level}": (f"a{level + 1}",) for level in range(40)} | {"a40": ("gpt-4o",)}
    with pytest.raises(ConfigurationError) as caught:
        RoutingSnapshot.build(providers=[OPENAI], aliases=aliases)
    assert caught.value.path == "routing.aliases.a0"
