"""Hub request to a Messages API body.

Source: Anthropic API reference, "Create a Message", and its guide "OpenAI SDK compatibility". Beside
OpenAI's parameters these extensions in circulation are understood: `thinking` and `top_k` (Anthropic's own),
`reasoning` and `reasoning_details` (OpenRouter's), `cache_control` on the request, a message, a part or a
tool.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import ClaudeModel, claude_model
from llm_gateway.adapters.dialects.anthropic_messages.conversation import Conversation
from llm_gateway.adapters.dialects.anthropic_messages.members import (
    integer_member,
    list_member,
    number_member,
)
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import plan_structured_output
from llm_gateway.adapters.dialects.anthropic_messages.thinking import Thinking, plan_thinking
from llm_gateway.adapters.dialects.anthropic_messages.tools import plan_tools
from llm_gateway.application.ports.dialect import HubRequest, WireRequest, WireTarget
from llm_gateway.domain.errors import InvalidRequest, UnsupportedParameter

PATH = "/v1/messages"
HEADERS = ((b"content-type", b"application/json"), (b"anthropic-version", b"2023-06-01"))

# Parameters that have no counterpart, with the values that ask for nothing.
_NO_COUNTERPART: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "seed": (),
    "audio": (),
    "modalities": (["text"],),
    "functions": ([],),
    "function_call": ("none", "auto"),
}
# OpenAI's `default` is the standard tier; `auto` and `priority` may use what was reserved.
_SERVICE_TIERS = {"auto": "auto", "priority": "auto", "default": "standard_only"}
# "Do not include any identifying information": the API refuses addresses and phone numbers.
_IDENTIFYING = re.compile(r"@|^\+?[\d\s().-]{7,}$")

_encode = msgspec.json.Encoder().encode


def encode_request(request: HubRequest, target: WireTarget) -> WireRequest:
    """Raises InvalidRequest or UnsupportedParameter, both with `param`."""
    dropped = target.drop_parameters
    document = {name: value for name, value in request.document().items() if name not in dropped}
    _refuse_what_has_no_counterpart(document)
    try:
        body = _encode(_body(document, target, stream=request.stream))
    except RecursionError:
        raise InvalidRequest("the request is nested too deeply", code="invalid_json") from None
    return WireRequest(path=PATH, body=body, headers=HEADERS)


def _body(document: Mapping[str, Any], target: WireTarget, *, stream: bool) -> dict[str, Any]:
    model = claude_model(target.model)
    conversation = Conversation(model)
    for index, message in enumerate(list_member(document.get("messages"), "messages")):
        conversation.add(message, f"messages[{index}]")
    conversation.finish()
    structured = plan_structured_output(document, model, target.options.get("structured_output"))
    tools = plan_tools(document, model, structured.tool)
    max_tokens = _max_tokens(document, target, model)
    budget_fits = not (tools.forced or conversation.resumes_unthought)
    thinking = plan_thinking(document, model, max_tokens, budget_fits=budget_fits)
    output = {"effort": thinking.effort, "format": structured.format}
    members = {
        "model": target.model,
        "max_tokens": max_tokens,
        "system": conversation.system or None,
        "messages": conversation.messages,
        "tools": tools.tools or None,
        "tool_choice": tools.choice,
        "thinking": thinking.config,
        "output_config": _without_none(output) or None,
        **_sampling(document, model, thinking),
        **_remaining(document),
        "stream": stream or None,
    }
    return _without_none(members)


def _refuse_what_has_no_counterpart(document: Mapping[str, Any]) -> None:
    for name, neutral in _NO_COUNTERPART.items():
        value = document.get(name)
        if value is not None and value not in neutral:
            raise UnsupportedParameter(f"{name} cannot be sent to this provider", param=name)


def _max_tokens(document: Mapping[str, Any], target: WireTarget, model: ClaudeModel) -> int:
    """The client's limit, else the provider's option, the model's own limit, the generation's default.

    A client's limit above the model's is lowered to it, which changes no answer; the API would refuse it.
    """
    limit = target.max_output_tokens
    for name in ("max_completion_tokens", "max_tokens"):
        asked = integer_member(document.get(name), name)
        if asked is not None:
            break
    if asked is not None:
        return min(asked, limit) if limit else asked
    default = target.options.get("default_max_tokens")
    return int(default) if default else limit or model.default_max_tokens


def _sampling(document: Mapping[str, Any], model: ClaudeModel, thinking: Thinking) -> dict[str, Any]:
    """temperature, top_p and top_k as far as the model takes them; 1 is the default and need not be sent.

    Raises UnsupportedParameter where the API would refuse: newer models take none, thinking takes none
    beside the defaults, and Claude 4.5 and 4.6 take temperature or top_p but not both.
    """
    asked = {
        name: value
        for name in ("temperature", "top_p", "top_k")
        if (value := number_member(document.get(name), name)) is not None
    }
    if model.sampling != "free" or thinking.active:
        asked = {name: value for name, value in asked.items() if name == "top_k" or value != 1}
    if asked and (model.sampling == "none" or thinking.active):
        name = next(iter(asked))
        reason = "with thinking" if model.sampling != "none" else "on this model"
        raise UnsupportedParameter(f"{name} cannot be set {reason}", param=name)
    if model.sampling == "one" and "temperature" in asked and "top_p" in asked:
        raise UnsupportedParameter("this model takes temperature or top_p, not both", param="top_p")
    if asked.get("temperature", 0) > 1:
        asked["temperature"] = 1  # the range ends there; Anthropic's own OpenAI endpoint caps it too
    return asked


def _remaining(document: Mapping[str, Any]) -> dict[str, Any]:
    remaining: dict[str, Any] = {}
    if stop := document.get("stop"):
        remaining["stop_sequences"] = _stop_sequences(stop)
    if tier := _SERVICE_TIERS.get(str(document.get("service_tier"))):
        remaining["service_tier"] = tier
    user = document.get("safety_identifier") or document.get("user")
    if isinstance(user, str) and user and not _IDENTIFYING.search(user):
        remaining["metadata"] = {"user_id": user}
    if isinstance(document.get("cache_control"), dict):
        remaining["cache_control"] = document["cache_control"]
    return remaining


def _stop_sequences(stop: Any) -> list[str]:
    sequences = [stop] if isinstance(stop, str) else stop
    if not isinstance(sequences, list) or not all(isinstance(item, str) for item in sequences):
        raise InvalidRequest("stop must be a string or a list of strings", param="stop")
    if any(not sequence.strip() for sequence in sequences):
        raise UnsupportedParameter("stop sequences must hold a visible character here", param="stop")
    return sequences


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
