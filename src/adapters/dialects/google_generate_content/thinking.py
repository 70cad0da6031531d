"""Thinking: OpenAI's `reasoning_effort` as Google's thinkingConfig, by model generation.

Source: "Thinking" and "OpenAI compatibility" in Google's Gemini API documentation: Gemini 2.5 takes a budget
in tokens (1,024 / 8,192 / 24,576 for low / medium / high), Gemini 3 and later a level; both at once is an
error, and so is either for a model that does not think.
"""

from __future__ import annotations

import re
from typing import Any

from llm_gateway.domain.errors import InvalidRequest

_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}
_LEVELS = {"none": "minimal", "xhigh": "high", "max": "high"}
# Gemini 2.5 Pro cannot stop thinking, and may think longer than the others.
_PRO_LEAST = 128
_PRO_MOST = 32768

# The documented value for calls that the model did not make itself or whose signature is lost:
# base64 of `skip_thought_signature_validator`, as in recorded requests that were answered with 200.
SKIP_SIGNATURE = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="


def generation(model: str) -> tuple[int, int] | None:
    """(major, minor) of a Gemini model; aliases such as `gemini-flash-latest` are taken as the newest.

    None for a model of another family (Gemma, a tuned model).
    """
    match = _VERSION.search(model)
    if match:
        return int(match[1]), int(match[2] or 0)
    return (99, 0) if "gemini" in model and "latest" in model else None


def demands_signatures(model: str) -> bool:
    """Gemini 3 and later refuse a function call in the history without its signature."""
    version = generation(model)
    return version is not None and version >= (3, 0)


def takes_media_in_results(model: str) -> bool:
    """Gemini 3 and later take pictures and files inside of a function's response."""
    return demands_signatures(model)


def thinking_config(model: str, effort: str) -> dict[str, Any] | None:
    """None when there is nothing to say. Raises InvalidRequest for a word or a model without thinking."""
    if effort not in _BUDGETS and effort != "none":
        raise InvalidRequest(f"reasoning_effort {effort!r} is not known", param="reasoning_effort")
    version = generation(model)
    if version is None or version < (2, 5):
        if effort == "none":
            return None
        raise InvalidRequest(f"{model} takes no reasoning_effort", param="reasoning_effort")
    pro = "pro" in model
    config: dict[str, Any]
    if version >= (3, 0):
        config = {"thinkingLevel": _level(version, effort, pro=pro)}
    else:
        config = {"thinkingBudget": _budget(effort, pro=pro)}
    if effort != "none":
        config["includeThoughts"] = True
    return config


def _level(version: tuple[int, int], effort: str, *, pro: bool) -> str:
    level = _LEVELS.get(effort, effort)
    if pro and level == "minimal":
        return "low"
    return "high" if pro and level == "medium" and version == (3, 0) else level


def _budget(effort: str, *, pro: bool) -> int:
    if effort == "none":
        return _PRO_LEAST if pro else 0
    return _PRO_MOST if pro and effort in ("xhigh", "max") else _BUDGETS[effort]
