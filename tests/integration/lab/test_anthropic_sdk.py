"""The official anthropic client against the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx2
import pytest

from llm_gateway.entrypoints.lab.server import Lab

TOOLS: Any = [
    {
        "name": "weather",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
        },
    }
]
ARGUMENTS = {"city": "city", "unit": "c"}
ASK: Any = {"max_tokens": 100, "messages": [{"role": "user", "content": "one two\u2028three"}]}


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=lab.url, api_key="k", max_retries=0) as opened:
        yield opened


async def test_plain(client: anthropic.AsyncAnthropic) -> None:
    """Text, stop reason, usage; the system prompt is counted."""
    answer = await client.messages.create(model="lab/echo", system="Be kind.", **ASK)
    assert answer.content[0].type == "text" and answer.content[0].text == "one two\u2028three"
    assert answer.stop_reason == "end_turn"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (5, 3)


async def test_streamed(client: anthropic.AsyncAnthropic) -> None:
    """The same as the plain answer."""
    async with client.messages.stream(model="lab/echo", system="Be kind.", **ASK) as stream:
        pieces = [piece async for piece in stream.text_stream]
        answer = await stream.get_final_message()
    assert (len(pieces), "".join(pieces)) == (3, "one two\u2028three")
    assert answer.stop_reason == "end_turn"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (5, 3)


async def test_tool_call_and_its_result(client: anthropic.AsyncAnthropic) -> None:
    """A round: the call, then text that quotes the result."""
    answer = await client.messages.create(model="tools", tools=TOOLS, **ASK)
    (call,) = answer.content
    assert call.type == "tool_use" and call.input == ARGUMENTS and answer.stop_reason == "tool_use"
    result: Any = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    history: Any = [*ASK["messages"], {"role": "assistant", "content": answer.content}]
    history.append({"role": "user", "content": [result]})
    second = await client.messages.create(model="tools", tools=TOOLS, max_tokens=100, messages=history)
    assert second.content[0].type == "text" and "sunny" in second.content[0].text


async def test_streamed_tool_call(client: anthropic.AsyncAnthropic) -> None:
    """Arguments come in several fragments."""
    async with client.messages.stream(model="tools", tools=TOOLS, **ASK) as stream:
        kinds = [event.type async for event in stream]
        (call,) = (await stream.get_final_message()).content
    assert kinds.count("input_json") > 1
    assert call.type == "tool_use" and call.input == ARGUMENTS


async def test_a_chosen_tool(client: anthropic.AsyncAnthropic) -> None:
    """Not the first one offered."""
    tools: Any = [*TOOLS, {"name": "time", "input_schema": {"type": "object"}}]
    answer = await client.messages.create(
        model="tools", tools=tools, tool_choice={"type": "tool", "name": "time"}, **ASK
    )
    assert answer.content[0].type == "tool_use" and answer.content[0].name == "time"


@pytest.mark.parametrize("stream", [True, False])
async def test_reasoning(client: anthropic.AsyncAnthropic, stream: bool) -> None:
    """A thinking block with its signature, then the text."""
    if stream:
        async with client.messages.stream(model="reasoning", **ASK) as opened:
            answer: Any = await opened.get_final_message()
    else:
        answer = await client.messages.create(model="reasoning", **ASK)
    thinking, text = answer.content
    assert (thinking.type, text.type) == ("thinking", "text")
    assert "short" in thinking.thinking and len(thinking.signature) == 48
    assert answer.usage.output_tokens == 100 + 12


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("401", anthropic.AuthenticationError),
        ("404", anthropic.NotFoundError),
        ("429", anthropic.RateLimitError),
        ("529", anthropic.InternalServerError),
        ("claude-unknown", anthropic.NotFoundError),
        ("200-with-error", anthropic.APIError),
        ("error@2", anthropic.APIError),
        ("cut@2", httpx2.RemoteProtocolError),  # this client does not translate it
    ],
)
async def test_errors(client: anthropic.AsyncAnthropic, model: str, error: type[Exception]) -> None:
    """As the client's own exceptions."""
    with pytest.raises(error):
        async for _ in await client.messages.create(model=model, stream=True, **ASK):
            pass


async def test_the_limit_is_demanded(lab: Lab, client: anthropic.AsyncAnthropic) -> None:
    """As the API does: `max_tokens` has no default."""
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        await client.post("/v1/messages", body={"model": "echo", "messages": []}, cast_to=object)
