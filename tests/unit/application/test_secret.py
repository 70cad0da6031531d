"""Secret never shows its value by accident."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from dataclasses import asdict, dataclass

import pytest

from llm_gateway.application.secret import Secret

VALUE = "sk-very-secret"


@dataclass
class Holder:
    key: Secret


def test_no_way_of_printing_shows_the_value() -> None:
    """str, repr, format, f-string, % and a dataclass's repr all give the mask."""
    secret = Secret(VALUE)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, repr(Holder(secret))]  # noqa: UP031
    assert all(VALUE not in text and "***" in text for text in shown)


def test_a_log_record_does_not_show_the_value(caplog: pytest.LogCaptureFixture) -> None:
    """Logging formats its arguments with str."""
    logging.getLogger("test").warning("key %s", Secret(VALUE))
    assert VALUE not in caplog.text


def test_it_has_no_dictionary_of_attributes() -> None:
    """`vars()` is how debuggers and error reporters look into objects."""
    with pytest.raises(TypeError):
        vars(Secret(VALUE))


@pytest.mark.parametrize("encode", [pickle.dumps, json.dumps])
def test_it_cannot_be_serialised(encode: object) -> None:
    """A copy on disk or in another process is a leak."""
    with pytest.raises(TypeError):
        encode(Secret(VALUE))  # type: ignore[operator]


def test_copies_are_the_same_object() -> None:
    """`asdict` copies deeply; the value is not duplicated by that."""
    secret = Secret(VALUE)
    assert copy.copy(secret) is secret
    assert asdict(Holder(secret))["key"] is secret


def test_reveal_gives_the_value() -> None:
    """The one deliberate way to it."""
    assert Secret(VALUE).reveal() == VALUE


def test_equality_is_by_value_and_only_with_secrets() -> None:
    """A reload must notice a rotated key; a plain text is never equal to a secret."""
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE
    assert hash(Secret(VALUE)) == hash(Secret(VALUE))


def test_an_empty_secret_is_false() -> None:
    """An unset key is told apart without revealing one."""
    assert not Secret("")
    assert Secret(VALUE)


def test_the_fingerprint_tells_values_apart_without_giving_them() -> None:
    """Twelve hex digits of the SHA-256."""
    assert Secret("abc").fingerprint() == "ba7816bf8f01"
    assert Secret("abd").fingerprint() != "ba7816bf8f01"
