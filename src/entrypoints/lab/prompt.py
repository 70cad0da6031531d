"""What the lab understands of a request, whatever its dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


class BadPrompt(ValueError):
    """The request's JSON is not what its dialect asks for; answered with 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    role: Literal["system", "user", "assistant", "tool"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`schema` is the JSON schema of its arguments (an empty one when it takes none)."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`digest` is hexadecimal and made from the request: the source of every identifier in the answer.

    `tools` are those that may be called, the one to call first; `max_tokens` limits the words; `schema` is
    the JSON schema that the text must follow; `choices` is OpenAI's `n`.
    """

    model: str
    digest: str
    stream: bool
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    max_tokens: int | None = None
    schema: Mapping[str, Any] | None = None
    choices: int = 1
    include_usage: bool = False

    @property
    def words(self) -> int:
        """Words of all turns; the lab's prompt tokens. Tools and images count nothing."""
        return sum(len(turn.text.split()) for turn in self.turns)


def callable_tools(tools: list[Tool], chosen: str | None) -> tuple[Tool, ...]:
    """The tools with the chosen one alone, when one was chosen. Raises BadPrompt for one not offered."""
    if chosen is None:
        return tuple(tools)
    picked = tuple(tool for tool in tools if tool.name == chosen)
    if not picked:
        raise BadPrompt(f"Tool choice '{chosen}' not found in 'tools'")
    return picked
