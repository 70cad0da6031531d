"""The answers of the lab's models: the same request always gives the same words.

A token is a word here, in prompt and answer alike; of a tool call every streamed fragment counts one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from typing import Literal

import msgspec

from llm_gateway.entrypoints.lab.behaviour import Behaviour
from llm_gateway.entrypoints.lab.prompt import Prompt
from llm_gateway.entrypoints.lab.schema_sample import sample

DEFAULT_WORDS = 64
MOST_WORDS = 4096
HUGE_BYTES = 8 * 1024 * 1024
_HUGE_PIECE = 8 * 1024
_FRAGMENT = 8

_LOREM = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et "
    "dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip "
    "ex ea commodo consequat"
)
_THOUGHT = "the question is short so the answer can be short as well"
# A word with the white space after it, or leading white space: the pieces join to the text, whatever it is.
_PIECE = re.compile(r"\S+\s*|\s+")

Finish = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`pieces` are what a stream sends one by one; `words` what they count."""

    pieces: tuple[str, ...]
    words: int

    @property
    def whole(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """`signature` is opaque base64, to be sent back by the client unchanged."""

    pieces: tuple[str, ...]
    words: int
    signature: str

    @property
    def whole(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """`fragments` join to the arguments' JSON text."""

    id: str
    name: str
    fragments: tuple[str, ...]

    @property
    def arguments(self) -> str:
        return "".join(self.fragments)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAnswer:
    """One choice. Token counts are words; `reasoning_tokens` come on top of `output_tokens`."""

    reasoning: Reasoning | None = None
    text: Text | None = None
    tool_call: ToolCall | None = None
    finish: Finish
    input_tokens: int

    @property
    def reasoning_tokens(self) -> int:
        return self.reasoning.words if self.reasoning else 0

    @property
    def output_tokens(self) -> int:
        return (self.text.words if self.text else 0) + (
            len(self.tool_call.fragments) if self.tool_call else 0
        )


def compose(prompt: Prompt, behaviour: Behaviour) -> LabAnswer:
    """The answer of the model that `behaviour` names."""
    last = prompt.turns[-1]
    if behaviour.content == "tools":
        if last.role == "tool":
            return _said(prompt, f"The tool answered: {last.text}")
        if prompt.tools:
            return _called(prompt)
    if behaviour.content == "huge":
        return LabAnswer(text=_huge(), finish="stop", input_tokens=prompt.words)
    if behaviour.content == "echo":
        asked = [turn.text for turn in prompt.turns if turn.role == "user"]
        return _said(prompt, asked[-1] if asked else last.text)
    if prompt.schema is not None:
        return _said(prompt, msgspec.json.encode(sample(prompt.schema)).decode())
    reasoning = _reasoning(prompt) if behaviour.content == "reasoning" else None
    return _lorem(prompt, behaviour, reasoning)


def _said(prompt: Prompt, text: str) -> LabAnswer:
    pieces = tuple(_PIECE.findall(text))
    finish: Finish = "stop"
    if prompt.max_tokens is not None and len(pieces) > prompt.max_tokens:
        pieces, finish = pieces[: prompt.max_tokens], "length"
    words = len("".join(pieces).split())
    return LabAnswer(text=Text(pieces=pieces, words=words), finish=finish, input_tokens=prompt.words)


def _lorem(prompt: Prompt, behaviour: Behaviour, reasoning: Reasoning | None) -> LabAnswer:
    """As many words as allowed; cut short (`length`) when fewer are allowed than the text has by itself."""
    natural = DEFAULT_WORDS if behaviour.words is None else behaviour.words
    allowed = prompt.max_tokens
    if allowed is None:
        count = natural
    elif behaviour.words is None:
        count = min(allowed, MOST_WORDS)
    else:
        count = min(allowed, natural)
    words = tuple(islice(cycle(_LOREM.split()), count))
    pieces = tuple(word if n == 0 else f" {word}" for n, word in enumerate(words))
    return LabAnswer(
        reasoning=reasoning,
        text=Text(pieces=pieces, words=count),
        finish="length" if count < natural else "stop",
        input_tokens=prompt.words,
    )


def _reasoning(prompt: Prompt) -> Reasoning:
    pieces = tuple(_PIECE.findall(_THOUGHT))
    # A digest is hexadecimal, and four hexadecimal digits are also valid base64.
    return Reasoning(pieces=pieces, words=len(pieces), signature=prompt.digest[:48])


def _called(prompt: Prompt) -> LabAnswer:
    tool = prompt.tools[0]
    value = sample(tool.schema) if tool.schema else {}
    arguments = msgspec.json.encode(value if isinstance(value, dict) else {}).decode()
    fragments = tuple(arguments[at : at + _FRAGMENT] for at in range(0, len(arguments), _FRAGMENT))
    call = ToolCall(id=prompt.digest[:24], name=tool.name, fragments=fragments)
    return LabAnswer(tool_call=call, finish="tool_calls", input_tokens=prompt.words)


@cache
def _huge() -> Text:
    sentence = f"{_LOREM} "
    text = (sentence * (HUGE_BYTES // len(sentence) + 1))[:HUGE_BYTES]
    pieces = tuple(text[at : at + _HUGE_PIECE] for at in range(0, HUGE_BYTES, _HUGE_PIECE))
    return Text(pieces=pieces, words=len(text.split()))
