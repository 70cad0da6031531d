"""What the lab's models say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.entrypoints.lab.behaviour import parse_behaviour
from llm_gateway.entrypoints.lab.content import DEFAULT_WORDS, HUGE_BYTES, LabAnswer, compose
from llm_gateway.entrypoints.lab.prompt import BadPrompt, Prompt, Tool, Turn, callable_tools

WEATHER = Tool(name="weather", schema={"type": "object", "properties": {"city": {"type": "string"}}})


def answer(model: str, *turns: Turn, **fields: object) -> LabAnswer:
    prompt = Prompt(
        model=model,
        digest="0123456789abcdef" * 4,
        stream=False,
        turns=turns or (Turn(role="user", text="one two"),),
        **fields,  # type: ignore[arg-type]
    )
    return compose(prompt, parse_behaviour(model))


@settings(max_examples=60)
@given(st.text())
def test_the_pieces_of_an_echo_join_to_the_text(text: str) -> None:
    """Whatever the text holds, U+2028 and lone spaces included."""
    said = answer("echo", Turn(role="user", text=text)).text
    assert said is not None and said.whole == text


def test_echo_answers_the_last_user_turn() -> None:
    """Not the system's, nor an assistant's."""
    said = answer("echo", Turn(role="user", text="ask"), Turn(role="assistant", text="prefill")).text
    assert said is not None and said.whole == "ask"


@pytest.mark.parametrize(
    ("limit", "words", "finish"),
    [(None, DEFAULT_WORDS, "stop"), (10, 10, "length"), (500, 500, "stop"), (0, 0, "length")],
)
def test_lorem_fills_what_is_allowed(limit: int | None, words: int, finish: str) -> None:
    """A limit under the text's natural length cuts it and says so."""
    said = answer("lorem", max_tokens=limit)
    assert said.text is not None and len(said.text.pieces) == said.output_tokens == words
    assert said.finish == finish


def test_the_word_setting_is_a_natural_length() -> None:
    """A higher limit does not lengthen it."""
    assert answer("lorem+words=5", max_tokens=100).output_tokens == 5
    assert answer("lorem+words=5", max_tokens=3).finish == "length"


def test_tokens_are_words() -> None:
    """Of all turns in the prompt, of the text in the answer."""
    said = answer("echo", Turn(role="system", text="be kind"), Turn(role="user", text=" a  b c "))
    assert (said.input_tokens, said.output_tokens) == (5, 3)


def test_tools_calls_the_first_tool_in_fragments() -> None:
    """The fragments join to valid JSON made from the schema."""
    said = answer("tools", tools=(WEATHER, Tool(name="other", schema={})))
    assert said.tool_call is not None and said.finish == "tool_calls"
    assert len(said.tool_call.fragments) > 1
    assert (said.tool_call.name, json.loads(said.tool_call.arguments)) == ("weather", {"city": "city"})


def test_tools_quotes_the_result() -> None:
    """After a tool's turn it answers with text, even if tools are still offered."""
    said = answer("tools", Turn(role="tool", text="sunny, 21"), tools=(WEATHER,))
    assert said.text is not None and "sunny, 21" in said.text.whole


def test_tools_without_an_offer_answers_with_text() -> None:
    """There is nothing to call."""
    said = answer("tools")
    assert said.text is not None and said.tool_call is None


def test_a_chosen_tool_must_have_been_offered() -> None:
    """Only the chosen one may be called."""
    assert callable_tools([WEATHER, Tool(name="b", schema={})], "b")[0].name == "b"
    with pytest.raises(BadPrompt, match="absent"):
        callable_tools([WEATHER], "absent")


def test_reasoning_comes_with_a_signature() -> None:
    """Its tokens are counted beside the text's."""
    said = answer("reasoning")
    assert said.reasoning is not None and said.reasoning.signature
    assert said.reasoning_tokens == 12 and said.output_tokens == DEFAULT_WORDS


def test_a_schema_makes_the_text_json() -> None:
    """Structured output satisfies what was asked for."""
    said = answer("lorem", schema=WEATHER.schema)
    assert said.text is not None and json.loads(said.text.whole) == {"city": "city"}


def test_huge_is_eight_mebibytes() -> None:
    """Every byte is ASCII, so characters are bytes."""
    said = answer("huge").text
    assert said is not None and len(said.whole) == HUGE_BYTES and len(said.pieces) == 1024
