"""Members that are written twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.entrypoints.http.inference.repeated_member import repeated_member

_NAMES = st.sampled_from(["model", "a", "é", 'say "hi"', "", "\0", "stream"]) | st.text(max_size=3)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=2),
    max_leaves=3,
)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"model":"a","model":"b"}', "model"),
        (b'{"model": "a", "model": "a"}', "model"),
        (b'{"model":"a","mod\\u0065l":"b"}', "model"),
        (b'{\n "x": 1,\n "stream": true,\n "stream": false\n}', "stream"),
        (b'{"\xc3\xa9":1,"\\u00e9":2}', "é"),
        (b'{"' + b"n" * 99 + b'":1,"' + b"n" * 99 + b'":1}', "n" * 64),
        (b'{"model":"a","x":{"model":"b","y":["model","model"]}}', None),
        (b'{"x":' + b"9" * 5000 + b',"y" :1e5000}', None),
        (b" { } ", None),
    ],
)
def test_what_is_written_twice(body: bytes, name: str | None) -> None:
    """In any spelling, with and without white space, whatever stands in the values."""
    assert repeated_member(body) == name


@settings(max_examples=150)
@given(pairs=st.lists(st.tuples(_NAMES, _VALUES), max_size=5), loose=st.booleans(), escaped=st.booleans())
def test_a_member_is_repeated_exactly_when_a_name_is(
    pairs: list[tuple[str, Any]], loose: bool, escaped: bool
) -> None:
    """Against Python's own reader."""
    space = " " if loose else ""
    members = (
        f"{json.dumps(name, ensure_ascii=escaped)}:{space}{json.dumps(value)}" for name, value in pairs
    )
    body = "{" + f",{space}".join(members) + "}"
    names = [name for name, _ in pairs]
    assert (repeated_member(body.encode("utf-8")) is not None) is (len(set(names)) < len(names))
