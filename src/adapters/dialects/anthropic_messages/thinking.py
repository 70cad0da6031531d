"""How much to think: reasoning_effort (or its relatives) as `thinking` and `output_config.effort`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import ClaudeModel
from llm_gateway.adapters.dialects.anthropic_messages.members import integer_member, object_member
from llm_gateway.domain.errors import InvalidRequest

# The API's least budget (extended thinking guide). The ladder above it is a convention of gateways;
# there is no published equivalence of OpenAI's efforts and token budgets.
LEAST_BUDGET = 1024
_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 4096, "high": 16_384, "xhigh": 32_768, "max": 49_152}
_LARGEST_SHARE = 0.8  # of max_tokens, which thinking counts against: the rest is for the answer
_EFFORTS = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "max": "max",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """`config` is the wire's `thinking`, `effort` its `output_config.effort`; None leaves either out."""

    config: dict[str, Any] | None = None
    effort: str | None = None

    @property
    def active(self) -> bool:
        return self.config is not None and self.config.get("type") in ("enabled", "adaptive")


def plan_thinking(
    document: Mapping[str, Any], model: ClaudeModel, max_tokens: int, *, budget_fits: bool
) -> Thinking:
    """What the hub asks for, in this order:

    1. `thinking`: Anthropic's own object, as its OpenAI-compatible endpoint takes it; passed as it is.
    2. `reasoning`: OpenRouter's object, `{"effort"}`, `{"max_tokens"}` or `{"enabled"}`.
    3. `reasoning_effort`.
    4. `verbosity`, which only sets the effort.

    `budget_fits` False leaves a budget out: the API refuses one beside a forced tool and where an answer
    with tool calls came back without its thinking; both are contracts, the effort is a wish. Raises
    InvalidRequest for an effort that is none of OpenAI's.
    """
    if isinstance(config := document.get("thinking"), dict):
        return Thinking(config=config)
    asked = object_member(document.get("reasoning"))
    effort = asked.get("effort") or document.get("reasoning_effort")
    budget = integer_member(asked.get("max_tokens"), "reasoning.max_tokens")
    if effort == "none" or asked.get("enabled") is False:
        return _off(model)
    if effort is None and budget is None and asked.get("enabled") is not True:
        return Thinking(effort=_nearest(document.get("verbosity"), model))
    if effort is not None and (not isinstance(effort, str) or effort not in _BUDGETS):
        name = "reasoning.effort" if asked.get("effort") else "reasoning_effort"
        raise InvalidRequest(f"{name} must be none, minimal, low, medium, high, xhigh or max", param=name)
    if budget is not None and model.budgets and budget_fits:
        return _with_budget(min(budget, max_tokens - 1), max_tokens)
    if model.thinking == "adaptive":
        # `summarized`, because newer models leave the text out unless asked for it.
        return Thinking(
            config={"type": "adaptive", "display": "summarized"},
            effort=_nearest(effort, model),
        )
    if model.thinking == "none" or not budget_fits:
        return Thinking()
    wished = _BUDGETS[effort or "medium"]
    return _with_budget(min(wished, int(max_tokens * _LARGEST_SHARE)), max_tokens)


def _with_budget(budget: int, max_tokens: int) -> Thinking:
    budget = max(budget, LEAST_BUDGET)
    if budget >= max_tokens:
        return Thinking()  # the least budget does not fit under the client's own limit
    return Thinking(config={"type": "enabled", "budget_tokens": budget})


def _off(model: ClaudeModel) -> Thinking:
    if model.thinking_off == "omit":
        return Thinking()
    if model.thinking_off == "low_effort":
        return Thinking(effort="low")
    return Thinking(config={"type": model.thinking_off})


def _nearest(effort: Any, model: ClaudeModel) -> str | None:
    """The same rung of the model's own ladder, or the highest one below it."""
    wanted = _EFFORTS.get(effort) if isinstance(effort, str) else None
    if wanted is None or not model.efforts:
        return None
    rungs = list(dict.fromkeys(_EFFORTS.values()))
    reachable = [rung for rung in rungs[: rungs.index(wanted) + 1] if rung in model.efforts]
    return reachable[-1] if reachable else None
