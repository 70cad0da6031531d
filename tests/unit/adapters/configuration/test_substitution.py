"""`${VAR}` in values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.configuration.substitution import SubstitutionError, substitute, whole_reference

ENVIRONMENT = {"A": "one", "EMPTY": "", "TRICK": "${A} $ }"}
NO_REFERENCE = st.text(max_size=30).filter(lambda text: "${" not in text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("${A}", "one"),
        ("x-${A}-${A}", "x-one-one"),
        ("${EMPTY}", ""),
        ("${EMPTY:-d}", "d"),
        ("${UNSET:-d e:-f}", "d e:-f"),
        ("${UNSET:-}", ""),
        ("${A:-d}", "one"),
        ("$${A}", "${A}"),
        ("$A costs $$5", "$A costs $$5"),
    ],
)
def test_references_are_replaced_as_in_a_shell(text: str, result: str) -> None:
    """With defaults for unset and empty variables; a lone dollar is itself."""
    assert substitute(text, ENVIRONMENT).text == result


def test_what_a_variable_brings_in_is_not_looked_at_again() -> None:
    """A value cannot read other variables."""
    assert substitute("${TRICK}", ENVIRONMENT).text == "${A} $ }"


def test_an_unset_variable_without_default_is_named() -> None:
    """The error names the variable that must be set."""
    with pytest.raises(SubstitutionError, match="environment variable UNSET is not set"):
        substitute("${UNSET}", ENVIRONMENT)


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A", "${A-d}", "${A:d}", "${ A }"])
def test_a_malformed_reference_is_refused(text: str) -> None:
    """Rather than travelling upstream as it stands."""
    with pytest.raises(SubstitutionError, match="begins no reference"):
        substitute(text, ENVIRONMENT)


def test_only_variables_that_were_read_are_reported() -> None:
    """A default is written in the file: it is no variable's value."""
    assert substitute("${A}${UNSET:-d}", ENVIRONMENT).variables == ("A",)


@pytest.mark.parametrize(
    ("text", "name"), [("${A}", "A"), ("${A:-d}", "A"), ("${A}${A}", None), ("x${A}", None), ("A", None)]
)
def test_a_whole_reference_is_recognised(text: str, name: str | None) -> None:
    """Only then can a credential be called by its variable."""
    assert whole_reference(text) == name


@given(NO_REFERENCE)
def test_text_without_references_is_left_alone(text: str) -> None:
    """Nothing but `${` means anything."""
    assert substitute(text, {}).text == text


@given(NO_REFERENCE.filter(lambda t: not t.endswith("$")), st.text(max_size=30), NO_REFERENCE)
def test_any_value_arrives_whole_in_its_place(before: str, value: str, after: str) -> None:
    """Values are data, whatever they hold."""
    assert substitute(f"{before}${{V}}{after}", {"V": value}).text == before + value + after
