"""The official `openai` Python SDK, unchanged, against a started gateway."""

from __future__ import annotations

import asyncio
import json
from typing import Literal

import openai
import pytest
from pydantic import BaseModel

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.weather import ASK, TOOLS


class Weather(BaseModel):
    city: str
    kind: Literal["sun", "rain"]


def test_plain(client: openai.OpenAI) -> None:
    """Text, finish reason and usage are the upstream's."""
    answer = client.chat.completions.create(model="lab/echo", messages=ASK)
    assert answer.choices[0].message.content == ASK[0]["content"]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None and answer.usage.total_tokens == 12


def test_stream(client: openai.OpenAI) -> None:
    """The first delta has the role, the last chunk the finish reason, and all chunks one id."""
    chunks = list(client.chat.completions.create(model="lab/echo", messages=ASK, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ASK[0]["content"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


def test_stream_with_usage(client: openai.OpenAI) -> None:
    """Asked for, usage comes in a last chunk without choices."""
    stream = client.chat.completions.create(
        model="lab/echo", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    last = list(stream)[-1]
    assert last.choices == [] and last.usage is not None and last.usage.completion_tokens == 6


def test_text_of_every_kind_survives_a_stream(client: openai.OpenAI) -> None:
    """Line separators inside the text are no line ends of the event stream."""
    text = 'a\u2028b\u2029c\u0085d\x0be\x0cf 漢字 🙂 \\n "quoted"'
    stream = client.chat.completions.create(
        model="lab/echo", messages=[{"role": "user", "content": text}], stream=True
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == text


def test_tool_call_and_the_turn_after(client: openai.OpenAI) -> None:
    """The call's id comes back with its result, and the model answers in words."""
    first = client.chat.completions.create(model="lab/tools", messages=ASK, tools=TOOLS).choices[0]
    assert first.finish_reason == "tool_calls" and first.message.tool_calls
    call = first.message.tool_calls[0]
    assert call.type == "function" and json.loads(call.function.arguments)["city"] == "Paris"
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    turn = [*ASK, first.message.model_dump(exclude_none=True), result]
    second = client.chat.completions.create(model="lab/tools", messages=turn, tools=TOOLS)
    assert "sunny" in (second.choices[0].message.content or "")


def test_streamed_tool_call(client: openai.OpenAI) -> None:
    """Argument fragments join to the JSON that the plain answer has."""
    plain = client.chat.completions.create(model="lab/tools", messages=ASK, tools=TOOLS)
    with client.chat.completions.stream(model="lab/tools", messages=ASK, tools=TOOLS) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_completion().choices[0].message
    assert kinds.count("tool_calls.function.arguments.delta") > 1
    wanted = plain.choices[0].message.tool_calls
    assert message.tool_calls and wanted and wanted[0].type == "function"
    assert message.tool_calls[0].function.arguments == wanted[0].function.arguments


def test_parse(client: openai.OpenAI) -> None:
    """Structured output arrives as the class that was asked for."""
    answer = client.chat.completions.parse(model="lab/lorem", messages=ASK, response_format=Weather)
    assert isinstance(answer.choices[0].message.parsed, Weather)


def test_stream_helper_with_a_schema(client: openai.OpenAI) -> None:
    """The helper accumulates chunks to the same completion."""
    with client.chat.completions.stream(model="lab/lorem", messages=ASK, response_format=Weather) as stream:
        assert "content.delta" in {event.type for event in stream}
        final = stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Weather)


def test_several_choices_streamed(client: openai.OpenAI) -> None:
    """`n` choices come interleaved, each whole."""
    texts = ["", ""]
    for chunk in client.chat.completions.create(model="lab/echo", messages=ASK, n=2, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == [ASK[0]["content"]] * 2


async def test_async(async_client: openai.AsyncOpenAI) -> None:
    """The asynchronous client, plain and streamed at once."""

    async def streamed() -> str:
        stream = await async_client.chat.completions.create(model="lab/echo", messages=ASK, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    answer, text = await asyncio.gather(
        async_client.chat.completions.create(model="lab/echo", messages=ASK), streamed()
    )
    assert answer.choices[0].message.content == text == ASK[0]["content"]


async def test_two_clients_at_once(gateway: GatewayProcess) -> None:
    """Streams of two clients run side by side, each with its own words only."""

    async def words(text: str) -> list[str]:
        async with openai.AsyncOpenAI(
            base_url=f"{gateway.url}/v1", api_key="unused", max_retries=0
        ) as client:
            stream = await client.chat.completions.create(
                model="lab/echo+pace=2ms", messages=[{"role": "user", "content": text}], stream=True
            )
            return [chunk.choices[0].delta.content or "" async for chunk in stream]

    first, second = await asyncio.gather(words("red " * 40), words("blue " * 40))
    assert "".join(first) == "red " * 40 and "".join(second) == "blue " * 40


def test_models(client: openai.OpenAI) -> None:
    """Listed, and each can be retrieved though its id holds a slash."""
    ids = [model.id for model in client.models.list()]
    assert "lab/echo" in ids
    assert client.models.retrieve("lab/echo").owned_by == "lab"


@pytest.mark.parametrize("name", ["x-request-id", "x-correlation-id"])
def test_request_id_is_echoed(client: openai.OpenAI, name: str) -> None:
    """Whichever header brought it, it comes back as x-request-id."""
    raw = client.chat.completions.with_raw_response.create(
        model="lab/echo", messages=ASK, extra_headers={name: "ticket-4711"}
    )
    assert raw.headers["x-request-id"] == raw.request_id == "ticket-4711"


@pytest.mark.parametrize("stream", [False, True])
def test_raw_response_headers(client: openai.OpenAI, stream: bool) -> None:
    """Plain or streamed, the answer says who gave it, in how many attempts and how long each phase took."""
    raw = client.chat.completions.with_raw_response.create(model="lab/echo", messages=ASK, stream=stream)
    assert raw.headers["x-gateway-provider"] == "lab"
    assert raw.headers["x-gateway-model"] == "lab/echo"
    attempts = "lab/lab/echo=streaming" if stream else "lab/lab/echo=completed:200"
    assert raw.headers["x-gateway-attempts"] == attempts
    assert raw.headers["x-decision-id"] and raw.headers["x-request-id"]
    timing = [part.partition(";")[0].strip() for part in raw.headers["server-timing"].split(",")]
    assert timing == ["queue", "decide", "connect", "first-byte", "translate"]
    raw.parse()
    raw.http_response.close()
