"""What the optimizer may change, and how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llm_gateway.application.apply_configuration_changes import apply_configuration_changes
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.show_configuration import show_configuration
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_stores import ONE, OPENAI


def applied(parameter: str, new_value: Any = None, **more: Any) -> GatewayConfiguration:
    change = ConfigurationChange(parameter=parameter, new_value=new_value, **more)
    return apply_configuration_changes(ONE, [change])


@pytest.mark.parametrize(
    ("parameter", "value", "path"),
    [
        ("providers.openai.weight", 7, ("providers", 0, "weight")),
        ("providers.eu.claude.priority", 3, ("providers", 1, "priority")),
        ("providers.openai.max_concurrent", 10, ("providers", 0, "max_concurrent")),
        ("providers.openai.quota_group", "org", ("providers", 0, "quota_group")),
        ("rules.gold.enabled", False, ("routing", "rules", 0, "enabled")),
        ("rules.gold.priority", 1, ("routing", "rules", 0, "priority")),
        ("rules.gold.action.providers", ["eu.claude"], ("routing", "rules", 0, "action", "providers")),
        ("rules.gold.action.weights", {"openai": 3}, ("routing", "rules", 0, "action", "weights")),
        ("rules.gold.action.strategy", "least_cost", ("routing", "rules", 0, "action", "strategy")),
        ("routing.rules.gold.action.model", "gpt-4o", ("routing", "rules", 0, "action", "model")),
        ("routing.strategy", "least_latency", ("routing", "strategy")),
        ("routing.default_providers", ["eu.claude"], ("routing", "default_providers")),
        ("routing.fallback.enabled", False, ("routing", "fallback", "enabled")),
        ("routing.fallback.max_targets", 1, ("routing", "fallback", "max_targets")),
        ("routing.aliases.fast", ["openai/gpt-4o"], ("routing", "aliases", "fast")),
    ],
)
def test_a_parameter_is_replaced(parameter: str, value: Any, path: tuple[Any, ...]) -> None:
    """And nothing else changes."""
    expected = show_configuration(ONE)
    node = expected
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    changed = applied(parameter, value)
    assert show_configuration(changed) == expected
    changed.snapshot()


def test_of_names_that_begin_alike_the_longest_is_meant() -> None:
    """Ids may hold dots."""
    two = replace(ONE, providers=(replace(OPENAI, id="eu"), *ONE.providers))
    change = ConfigurationChange(parameter="providers.eu.claude.weight", new_value=7)
    changed = apply_configuration_changes(two, [change])
    assert [account.weight for account in changed.providers] == [100, 100, 7]


def test_the_configuration_it_came_from_is_untouched() -> None:
    """Nouns are immutable; requests in flight use them."""
    before = show_configuration(ONE)
    applied("rules.gold", change_type="remove")
    assert show_configuration(ONE) == before


def test_a_rule_is_added_replaced_and_removed() -> None:
    """By name; the document has the shape of the file's."""
    rule = {"match": {"models": ["gpt-*"], "headers": {"X-A": "b"}}, "action": {"weights": {"openai": 2}}}
    added = applied("rules.silver", rule, change_type="add").routing.rules
    assert [r.name for r in added] == ["gold", "silver"]
    assert added[1].match.headers == (("x-a", "b"),)
    assert added[1].action.weights == (("openai", 2),)
    assert applied("rules.gold", {"enabled": False}).routing.rules[0].enabled is False
    assert applied("rules.gold", change_type="remove").routing.rules == ()


def test_replacing_a_rule_keeps_the_headers_that_the_file_gives_it() -> None:
    """What travels upstream is not the optimizer's."""
    assert applied("rules.gold", {"priority": 1}).routing.rules[0].action.add_headers == (("x-tier", "gold"),)


def test_lists_and_mappings_grow_and_shrink() -> None:
    """add brings in what is missing, remove takes out what is given."""
    grown = applied("routing.default_providers", ["openai", "eu.claude"], change_type="add")
    assert grown.routing.default_providers == ("openai", "eu.claude")
    assert (
        applied("routing.default_providers", "openai", change_type="remove").routing.default_providers == ()
    )
    weighted = applied("rules.gold.action.weights", {"openai": 3}, change_type="add")
    assert weighted.routing.rules[0].action.weights == (("openai", 3),)


def test_aliases_come_and_go() -> None:
    """A new one takes a target or a list of them."""
    assert applied("routing.aliases.new", "openai/gpt-4o", change_type="add").routing.aliases["new"] == (
        "openai/gpt-4o",
    )
    assert applied("routing.aliases.fast", change_type="remove").routing.aliases == {}


def test_an_optional_value_can_be_removed() -> None:
    """It is then not set."""
    assert applied("providers.openai.quota_group", change_type="remove").providers[0].quota_group is None


def test_a_stated_old_value_must_be_in_force() -> None:
    """Else the optimizer looked at another configuration."""
    assert applied("providers.openai.weight", 7, old_value=100).providers[0].weight == 7
    with pytest.raises(ConfigurationError, match="is 100 now, not 99"):
        applied("providers.openai.weight", 7, old_value=99)


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "7", None, [7]])
def test_a_weight_is_a_positive_whole_number(value: Any) -> None:
    """Nothing is bent into one."""
    with pytest.raises(ConfigurationError, match=r"providers\.openai\.weight: must be a whole number"):
        applied("providers.openai.weight", value)


@pytest.mark.parametrize(
    "parameter",
    [
        "providers.openai.base_url",
        "providers.openai.api_key",
        "providers.openai.headers",
        "providers.openai",
        "providers.nobody.weight",
        "providers",
        "rules.gold.action.add_headers",
        "rules.gold.match",
        "rules.gold.name",
        "rules.nobody",
        "rules.nobody.enabled",
        "routing.affinity",
        "routing.fallback",
        "routing.aliases.nobody",
        "auth.mode",
        "server.port",
        "resilience.retry.max_attempts",
        "",
    ],
)
def test_nothing_else_can_be_replaced(parameter: str) -> None:
    """Addresses, credentials, authentication and the server belong to who owns the file."""
    with pytest.raises(ConfigurationError) as caught:
        applied(parameter, "x")
    assert caught.value.path == parameter


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"enabeld": True}, "rules.r.enabeld"),
        ({"action": {"add_headers": {"authorization": "x"}}}, "rules.r.action.add_headers"),
        ({"match": {"capabilities": ["vison"]}}, "rules.r.match.capabilities"),
        ({"match": {"models": "gpt-*"}}, "rules.r.match.models"),
        ({"match": {"models": [5]}}, "rules.r.match.models[0]"),
        ({"action": {"weights": {"openai": 0}}}, "rules.r.action.weights.openai"),
        ({"action": {"strategy": "best"}}, "rules.r.action.strategy"),
        ({"name": "other"}, "rules.r.name"),
        ("x", "rules.r"),
        (None, "rules.r"),
    ],
)
def test_a_bad_rule_is_refused_with_its_path(document: Any, path: str) -> None:
    """As strictly as the file is."""
    with pytest.raises(ConfigurationError) as caught:
        applied("rules.r", document, change_type="add")
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("parameter", "value", "kind"),
    [("providers.openai.weight", 7, "add"), ("rules.gold", {}, "add"), ("rules.nobody", None, "remove")],
)
def test_a_change_type_that_does_not_fit_is_refused(parameter: str, value: Any, kind: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError):
        applied(parameter, value, change_type=kind)


def test_a_removed_weight_is_refused() -> None:
    """It has no absence."""
    with pytest.raises(ConfigurationError, match="must be a whole number"):
        applied("providers.openai.weight", change_type="remove")


def test_changes_are_applied_in_order() -> None:
    """Each sees what the ones before it made."""
    changes = [
        ConfigurationChange(parameter="rules.new", new_value={}, change_type="add"),
        ConfigurationChange(parameter="rules.new.enabled", new_value=False),
    ]
    assert apply_configuration_changes(ONE, changes).routing.rules[1].enabled is False


def test_a_change_survives_its_document() -> None:
    """An old value of null is not the same as none stated."""
    for change in (
        ConfigurationChange(parameter="a", new_value=[1], change_type="add"),
        ConfigurationChange(parameter="a", new_value=1, old_value=None),
    ):
        assert ConfigurationChange.from_document(change.document()) == change
