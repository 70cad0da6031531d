"""Reading what the optimizer has signed."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.application.configuration_change import UNSTATED, ConfigurationChange
from llm_gateway.application.rule_update import read_rule_update
from llm_gateway.domain.errors import ConfigurationError, InvalidRequest
from tests.samples.webhooks import compact, payload, weight


def refused(*changes: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_rule_update(compact(payload("e", *changes)))
    return [mistake.path for mistake in (caught.value, *caught.value.others)]


def test_changes_are_read_as_they_were_sent() -> None:
    """An old value that was not stated is not null, and the kind is `replace` unless it is said."""
    update = read_rule_update(compact(payload("e", {"parameter": "a.b", "new_value": None}, weight(7))))
    assert update.event_id == "e"
    assert update.changes[0] == ConfigurationChange(parameter="a.b", new_value=None, old_value=UNSTATED)
    assert update.changes[1].parameter == "providers.one.weight"


def test_a_whole_number_is_one_however_it_is_written() -> None:
    """JavaScript knows no other."""
    text = compact(payload("e", weight(7))).replace('"new_value":7', '"new_value":7.0')
    value = read_rule_update(text).changes[0].new_value
    assert (value, type(value)) == (7, int)


def test_a_removal_needs_no_value() -> None:
    """There may be nothing to say."""
    update = read_rule_update(compact(payload("e", {"parameter": "rules.a", "change_type": "remove"})))
    assert update.changes[0].new_value is None


def test_everything_that_is_wrong_with_any_change_is_named() -> None:
    """By its place in the list."""
    assert refused(
        1,
        {},
        {"parameter": ""},
        {"parameter": "a", "new_value": 1, "change_type": "drop"},
        {"parameter": "a"},
        weight(1),
    ) == [
        "data.changes[0]",
        "data.changes[1].parameter",
        "data.changes[2].parameter",
        "data.changes[3].change_type",
        "data.changes[4].new_value",
    ]


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_half_a_character_cannot_be_kept(value: Any) -> None:
    """JSON's escapes can spell it; files cannot hold it."""
    text = compact(payload("e", weight(1))).replace('"new_value":1', '"new_value":"\\ud800"')
    with pytest.raises(ConfigurationError, match="surrogates"):
        read_rule_update(text)


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("no", None),
        ("[]", None),
        ("NaN", None),
        ('{"id":1}', "id"),
        ('{"id":"a b","eventType":"t","data":{}}', "id"),
        ('{"id":"e","data":{}}', "eventType"),
        ('{"id":"e","eventType":"t","data":[]}', "data"),
    ],
)
def test_another_envelope_is_a_bad_request(text: str, param: str | None) -> None:
    """The sender is not who it is thought to be."""
    with pytest.raises(InvalidRequest) as caught:
        read_rule_update(text)
    assert caught.value.param == param


def test_a_notice_asks_for_nothing() -> None:
    """The optimizer's own kinds of event may come without changes; with an unknown kind that is a mistake."""
    assert read_rule_update(compact(payload("e", eventType="cost.alert", data={"x": 1}))).changes == ()
    with pytest.raises(ConfigurationError, match="eventType is not one"):
        read_rule_update(compact(payload("e", eventType="mystery", data={})))


def test_no_changes_where_some_are_listed_is_a_mistake() -> None:
    """Of the sender's."""
    assert refused() == ["data.changes"]
