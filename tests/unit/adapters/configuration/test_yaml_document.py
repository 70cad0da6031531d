"""YAML as plain values with places, within bounds."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.configuration.problem import Problem
from llm_gateway.adapters.configuration.yaml_document import MAX_CHARACTERS, YamlRefused, parse_yaml


def refusal(text: str) -> Problem:
    with pytest.raises(YamlRefused) as caught:
        parse_yaml(text)
    return caught.value.problem


def test_values_are_plain() -> None:
    """null, flags, numbers, text, lists and mappings."""
    text = "a: null\nb: [true, 1, 2.5, x]\nc: {d: 'e'}"
    assert parse_yaml(text).value == {"a": None, "b": [True, 1, 2.5, "x"], "c": {"d": "e"}}


def test_an_empty_file_is_an_empty_mapping() -> None:
    """Every key is optional."""
    assert parse_yaml("# nothing\n").value == {}


@pytest.mark.parametrize("text", ["2024-08-06", "12:30", "2001-12-14t21:59:43.10-05:00"])
def test_dates_and_times_stay_what_was_written(text: str) -> None:
    """YAML 1.1 would turn model versions into dates and times into numbers."""
    assert parse_yaml(f"a: {text}").value == {"a": text}


def test_every_value_knows_its_line() -> None:
    """Also in flow style, in lists and after a non-ASCII character."""
    document = parse_yaml("# é\na:\n  - b: 1\n  - {c: 2,\n     d: 3}\n")
    lines = {path: document.line(path) for path in [("a",), ("a", 0, "b"), ("a", 1), ("a", 1, "d")]}
    assert lines == {("a",): 2, ("a", 0, "b"): 3, ("a", 1): 4, ("a", 1, "d"): 5}


def test_a_value_that_is_not_there_has_its_parents_line() -> None:
    """A missing key is reported where it should have been."""
    assert parse_yaml("x: 1\na:\n  b: 1").line(("a", "missing", 3)) == 2
    assert parse_yaml("x: 1").line(("nowhere",)) is None


def test_offsets_give_back_the_value() -> None:
    """They count characters, quotes included."""
    text = "# é\nkey: 'sécret'\n"
    place = parse_yaml(text).places[("key",)]
    assert text[place.start : place.end] == "'sécret'"


def test_anchors_and_merges_are_understood() -> None:
    """What a mapping says itself wins over what is merged into it."""
    text = "base: &b {x: 1, y: 2}\nown: {<<: *b, y: 3}\nsame: *b\nboth: {<<: [{z: 1}, *b], z: 4}\n"
    value = parse_yaml(text).value
    assert value["own"] == {"x": 1, "y": 3}
    assert value["same"] == {"x": 1, "y": 2}
    assert value["both"] == {"x": 1, "y": 2, "z": 4}


def test_a_merged_key_that_is_overridden_keeps_its_own_line() -> None:
    """The error belongs where the value was written."""
    document = parse_yaml("base: &b {y: 2}\nown:\n  y: 3\n  <<: *b\n")
    assert document.line(("own", "y")) == 3


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3", 3, "duplicate key 'a'"),
        ("a:\n  b: [", 2, "not valid YAML"),
        ("a: 1\n---\nb: 1", 2, "more than one YAML document"),
        ("1: x", 1, "put it in quotes"),
        ("? [a]\n: x", 1, "is not a string"),
        ("a: !!python/object/apply:os.system [x]", 1, "is not allowed"),
        ("a: !!binary aGk=", 1, "is not allowed"),
        ("a: !!set {x}", 1, "is not allowed"),
        ("a: !!int x", 1, "is not a value of its type"),
        ("a: {<<: 1}", 1, "merges a mapping"),
        ("a: *nowhere", 1, "not valid YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    """Never guessed at, never executed."""
    problem = refusal(text)
    assert problem.line == line
    assert reason in problem.reason


@pytest.mark.parametrize("text", ["\x00", "a: \x07", "\ud800"])
def test_unreadable_characters_are_refused(text: str) -> None:
    """Control characters and lone surrogates are no YAML."""
    assert "not valid YAML" in refusal(text).reason


@pytest.mark.parametrize("text", ["[" * 100_000, "a: &a [*a]", "a: &a {b: {<<: *a}}", "- " * 70 + "x"])
def test_depth_is_bounded(text: str) -> None:
    """An alias inside its own anchor is endless depth."""
    assert "nested deeper" in refusal(text).reason


def test_aliases_cannot_blow_up() -> None:
    """Nine levels of nine would be hundreds of millions of values."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert "aliases count each time" in refusal(bomb).reason


def test_size_is_bounded() -> None:
    """Before anything is parsed."""
    assert "larger than" in refusal("#" * (MAX_CHARACTERS + 1)).reason


@given(st.text(alphabet=st.sampled_from("ab: \n-[]{}&*!'\"#,?|>%@`<0.~"), max_size=60))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    """Whatever is in the file, the answer is a document or a problem."""
    with contextlib.suppress(YamlRefused):
        parse_yaml(text)
