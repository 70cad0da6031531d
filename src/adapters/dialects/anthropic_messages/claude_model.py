"""ClaudeModel: which request shapes a generation of Claude accepts, read from the model's name.

The API answers 400 to a shape of another generation, so one request has to be said differently to
different models. Sources: platform.claude.com (models overview, extended and adaptive thinking, effort,
structured outputs, mid-conversation system messages, migration guides up to Haiku 5.5), read 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

# claude-sonnet-4-5-20250929, us.anthropic.claude-opus-4-1-…, claude-opus-4@20250514: family, then version.
_NEW = re.compile(r"claude-([a-z]+)-(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)")
# claude-3-5-haiku-20241022, claude-2.1: version, then family.
_OLD = re.compile(r"claude-(\d)(?:[.-](\d{1,2}))?(?!\d)")
_MYTHOS_PREVIEW = (4, 7)
_BASE_EFFORTS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeModel:
    """`thinking`: how it is asked for (`budget`: a token budget; `adaptive`: an effort; `none`: never).

    `budgets`: a token budget that a client names is taken. `thinking_off`: what says "do not think":
    nothing at all, a thinking type, or (`low_effort`) no switch exists and a low effort is the least.
    `sampling`: temperature and top_p are both taken (`free`), only one of them (`one`) or none.
    `forced_tools`: tool_choice `any` and `tool` are taken. `inline_system`: system messages are taken
    inside the conversation. `default_max_tokens` is never above the model's limit.
    """

    thinking: Literal["none", "budget", "adaptive"] = "budget"
    budgets: bool = True
    thinking_off: Literal["omit", "disabled", "between_tools", "low_effort"] = "omit"
    efforts: tuple[str, ...] = ()
    sampling: Literal["free", "one", "none"] = "free"
    forced_tools: bool = True
    structured_output: bool = True
    inline_system: bool = False
    default_max_tokens: int = 8192


# A name that says nothing: a third party's model behind this wire format, or an alias of a proxy.
_UNNAMED = ClaudeModel()


@lru_cache(maxsize=512)
def claude_model(name: str) -> ClaudeModel:
    name = name.lower()
    if "claude-mythos-preview" in name:
        return _current("mythos", _MYTHOS_PREVIEW)
    if match := _NEW.search(name):
        family, version = match[1], (int(match[2]), int(match[3] or 0))
        return _current(family, version) if version >= (4, 6) else _four(family, version)
    if match := _OLD.search(name):
        return _three((int(match[1]), int(match[2] or 0)))
    return _UNNAMED


def _three(version: tuple[int, int]) -> ClaudeModel:
    if version >= (3, 7):
        return ClaudeModel(structured_output=False, default_max_tokens=64_000)
    limit = 8192 if version >= (3, 5) else 4096
    return ClaudeModel(thinking="none", budgets=False, structured_output=False, default_max_tokens=limit)


def _four(family: str, version: tuple[int, int]) -> ClaudeModel:
    return ClaudeModel(
        efforts=_BASE_EFFORTS if (family, version) == ("opus", (4, 5)) else (),
        sampling="one" if version >= (4, 5) else "free",
        structured_output=version >= ((4, 1) if family == "opus" else (4, 5)),
        default_max_tokens=32_000 if family == "opus" and version < (4, 5) else 64_000,
    )


def _current(family: str, version: tuple[int, int]) -> ClaudeModel:
    five = version >= (5, 0)
    adaptive_only = five or (family in ("opus", "mythos") and version >= (4, 7))
    if adaptive_only:
        efforts: tuple[str, ...] = (*_BASE_EFFORTS, "xhigh", "max")
    else:
        efforts = (*_BASE_EFFORTS, "max") if family == "opus" else _BASE_EFFORTS
    return ClaudeModel(
        thinking="adaptive",
        budgets=not adaptive_only,
        thinking_off=_off_switch(family, version),
        efforts=efforts,
        sampling="none" if adaptive_only else "one",
        forced_tools=not _refuses_forced_tools(family, version),
        inline_system=five or (family == "opus" and version >= (4, 8)),
        default_max_tokens=64_000,
    )


def _off_switch(
    family: str, version: tuple[int, int]
) -> Literal["omit", "disabled", "between_tools", "low_effort"]:
    if family in ("fable", "mythos"):
        return "low_effort"
    if version < (5, 0):
        return "omit"  # does not think unless asked
    if family == "sonnet" and version >= (5, 5):
        return "between_tools"
    return "low_effort" if family == "opus" and version >= (5, 5) else "disabled"


def _refuses_forced_tools(family: str, version: tuple[int, int]) -> bool:
    if family in ("fable", "mythos"):
        return version >= (5, 1)
    return family in ("opus", "sonnet") and version >= (5, 5)
