"""The official openai client against the lab."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from llm_gateway.entrypoints.lab.server import Lab

TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
                "required": ["city", "unit"],
            },
        },
    }
]
ARGUMENTS = {"city": "city", "unit": "c"}
ASK: Any = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "one two\u2028three"}]


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{lab.url}/v1", api_key="k", max_retries=0) as opened:
        yield opened


async def test_plain(client: openai.AsyncOpenAI) -> None:
    """Text, finish reason, usage."""
    answer = await client.chat.completions.create(model="lab/echo", messages=ASK)
    assert answer.choices[0].message.content == "one two\u2028three"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, 3)


async def test_streamed(client: openai.AsyncOpenAI) -> None:
    """The same text and usage as the plain answer."""
    async with client.chat.completions.stream(
        model="lab/echo", messages=ASK, stream_options={"include_usage": True}
    ) as stream:
        answer = await stream.get_final_completion()
    assert answer.choices[0].message.content == "one two\u2028three"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, 3)


async def test_usage_is_streamed_only_when_asked_for(client: openai.AsyncOpenAI) -> None:
    """One word per chunk, between the role and the finish reason."""
    stream = await client.chat.completions.create(model="lorem", messages=ASK, max_tokens=5, stream=True)
    chunks = [chunk async for chunk in stream]
    assert [len(chunk.choices) for chunk in chunks] == [1] * 7
    assert chunks[-1].choices[0].finish_reason == "length"
    assert all(chunk.usage is None for chunk in chunks)


async def test_tool_call_and_its_result(client: openai.AsyncOpenAI) -> None:
    """A round: the call, then text that quotes the result."""
    answer = await client.chat.completions.create(model="tools", messages=ASK, tools=TOOLS)
    (call,) = answer.choices[0].message.tool_calls or ()
    assert json.loads(call.function.arguments) == ARGUMENTS  # type: ignore[union-attr]
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    history: Any = [*ASK, answer.choices[0].message.model_dump(), result]
    second = await client.chat.completions.create(model="tools", messages=history, tools=TOOLS)
    assert "sunny" in (second.choices[0].message.content or "")


async def test_streamed_tool_call(client: openai.AsyncOpenAI) -> None:
    """Arguments come in several fragments."""
    async with client.chat.completions.stream(model="tools", messages=ASK, tools=TOOLS) as stream:
        kinds = [event.type async for event in stream]
        message = (await stream.get_final_completion()).choices[0].message
    assert kinds.count("tool_calls.function.arguments.delta") > 1
    assert message.tool_calls and json.loads(message.tool_calls[0].function.arguments) == ARGUMENTS


async def test_several_choices(client: openai.AsyncOpenAI) -> None:
    """`n` answers, each counted."""
    answer = await client.chat.completions.create(model="echo", messages=ASK, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert answer.usage is not None and answer.usage.completion_tokens == 9


async def test_reasoning(client: openai.AsyncOpenAI) -> None:
    """In `reasoning_content`, with its tokens inside the completion's."""
    answer = await client.chat.completions.create(model="reasoning", messages=ASK)
    assert answer.choices[0].message.model_extra is not None and answer.usage is not None
    assert "short" in answer.choices[0].message.model_extra["reasoning_content"]
    assert answer.usage.completion_tokens == 64 + 12


async def test_structured_output(client: openai.AsyncOpenAI) -> None:
    """The text follows the schema."""
    schema = {"name": "place", "schema": TOOLS[0]["function"]["parameters"]}
    wanted: Any = {"type": "json_schema", "json_schema": schema}
    answer = await client.chat.completions.create(model="lorem", messages=ASK, response_format=wanted)
    assert json.loads(answer.choices[0].message.content or "") == ARGUMENTS


async def test_models(client: openai.AsyncOpenAI) -> None:
    """Listed as OpenAI's."""
    assert "lorem" in [model.id async for model in client.models.list()]


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("401", openai.AuthenticationError),
        ("404", openai.NotFoundError),
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("gpt-unknown", openai.NotFoundError),
        ("200-with-error", openai.APIError),
        ("error@2", openai.APIError),
        ("cut@2", openai.APIConnectionError),
    ],
)
async def test_errors(client: openai.AsyncOpenAI, model: str, error: type[Exception]) -> None:
    """As the client's own exceptions."""
    with pytest.raises(error):
        async for _ in await client.chat.completions.create(model=model, messages=ASK, stream=True):
            pass
