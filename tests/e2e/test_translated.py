"""The official `openai` SDK, unchanged, through the gateway to Anthropic's and Google's wire formats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.e2e.weather import ASK, TOOLS

PROVIDERS = ["claude", "gemini"]


class Weather(BaseModel):
    city: str
    kind: Literal["sun", "rain"]


@pytest.fixture(scope="module")
def translating(lab: LabProcess) -> Iterator[GatewayProcess]:
    configuration = (
        "providers:\n"
        + lab.provider("claude", type="anthropic", more="    drop_parameters: [seed]\n")
        + lab.provider("gemini", type="google")
    )
    with running_gateway(configuration=configuration) as started:
        yield started


@pytest.fixture
def translated(translating: GatewayProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{translating.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_tool_conversation_of_several_turns(translated: openai.OpenAI, provider: str) -> None:
    """Call, result, answer, and another question: every turn is accepted with what the last one left."""
    model = f"{provider}/tools"
    messages: list[Any] = [{"role": "system", "content": "Use tools."}, *ASK]
    for _ in range(2):
        choice = translated.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0]
        assert choice.finish_reason == "tool_calls" and choice.message.tool_calls
        call = choice.message.tool_calls[0]
        assert call.type == "function" and json.loads(call.function.arguments)["city"] == "Paris"
        messages.append(choice.message.model_dump(exclude_none=True))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny"})
        answer = translated.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0]
        assert "sunny" in (answer.message.content or "") and answer.finish_reason == "stop"
        messages.append(answer.message.model_dump(exclude_none=True))
        messages.append({"role": "user", "content": "And tomorrow?"})


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_stream_helper(translated: openai.OpenAI, provider: str) -> None:
    """`.stream()` accumulates deltas and checks them; its final completion is the plain answer."""
    with translated.chat.completions.stream(model=f"{provider}/echo", messages=ASK) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
        final = stream.get_final_completion()
    assert text == final.choices[0].message.content == ASK[0]["content"]
    assert final.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_stream_helper_with_tools(translated: openai.OpenAI, provider: str) -> None:
    """Streamed arguments are whole, and parsed, at the end."""
    with translated.chat.completions.stream(model=f"{provider}/tools", messages=ASK, tools=TOOLS) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert calls and json.loads(calls[0].function.arguments)["city"] == "Paris"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_parse_helper(translated: openai.OpenAI, provider: str) -> None:
    """A JSON schema asked for the OpenAI way comes back as the model."""
    answer = translated.chat.completions.parse(
        model=f"{provider}/lorem", messages=ASK, response_format=Weather
    )
    assert isinstance(answer.choices[0].message.parsed, Weather)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_thinking_comes_back_with_the_next_turn(
    translated: openai.OpenAI, lab: LabProcess, provider: str
) -> None:
    """The signature that the upstream gave is in the request of the following turn, unaltered."""
    model = f"{provider}/reasoning"
    first = translated.chat.completions.create(model=model, messages=ASK, max_tokens=32).choices[0].message
    turn: list[Any] = [*ASK, first.model_dump(exclude_none=True), {"role": "user", "content": "Why?"}]
    details = first.model_dump()["reasoning_details"]
    signature = next(detail.get("signature") or detail.get("data") for detail in reversed(details))
    translated.chat.completions.create(model=model, messages=turn, max_tokens=32)
    newest = max(lab.requests(), key=lambda request: request["id"])
    assert signature.encode() in lab.body(newest["id"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_usage_on_a_stream(translated: openai.OpenAI, provider: str) -> None:
    """The last chunk's usage equals the plain answer's."""
    plain = translated.chat.completions.create(model=f"{provider}/echo", messages=ASK).usage
    *_, last = translated.chat.completions.create(
        model=f"{provider}/echo", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    assert plain is not None and last.usage is not None
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (
        plain.prompt_tokens,
        plain.completion_tokens,
    )


def test_a_parameter_that_nobody_can_honour_is_named_with_the_provider(translated: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        translated.chat.completions.create(model="claude/echo", messages=ASK, logit_bias={"50256": -100})
    assert caught.value.param == "logit_bias"
    assert "claude" in caught.value.message


def test_a_parameter_that_may_be_dropped_is_reported(
    translated: openai.OpenAI, translating: GatewayProcess
) -> None:
    """In the answer's header, and in the decision's event."""
    raw = translated.chat.completions.with_raw_response.create(model="claude/echo", messages=ASK, seed=7)
    assert raw.headers["x-gateway-dropped-params"] == "seed"
    spool = b"".join(file.read_bytes() for file in (translating.directory / "spool").rglob("*.jsonl"))
    assert b'"drop:seed"' in spool


@pytest.mark.parametrize(
    ("model", "kind", "status"),
    [
        ("claude/429", openai.RateLimitError, 429),
        ("gemini/429", openai.RateLimitError, 429),
        ("claude/529", openai.InternalServerError, 529),
        ("gemini/400", openai.BadRequestError, 400),
    ],
)
def test_upstream_errors_keep_their_meaning(
    translated: openai.OpenAI, model: str, kind: type[openai.APIStatusError], status: int
) -> None:
    with pytest.raises(kind) as caught:
        translated.chat.completions.create(model=model, messages=ASK)
    assert caught.value.status_code == status


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_cut_stream_is_an_error_in_every_dialect(translated: openai.OpenAI, provider: str) -> None:
    with pytest.raises(openai.APIError, match="closed the connection"):
        list(translated.chat.completions.create(model=f"{provider}/cut@2", messages=ASK, stream=True))


def test_no_key_travels_in_a_url(translated: openai.OpenAI, lab: LabProcess) -> None:
    """Each provider's key is in its own header, and nowhere else."""
    lab.forget()
    for provider in PROVIDERS:
        translated.chat.completions.create(model=f"{provider}/echo", messages=ASK)
    claude, gemini = lab.requests()
    assert "x-api-key" in dict(claude["headers"]) and "x-goog-api-key" in dict(gemini["headers"])
    for request in (claude, gemini):
        assert "upstream-key" not in request["path"]
        assert "authorization" not in dict(request["headers"])
