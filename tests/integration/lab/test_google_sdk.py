"""The official google-genai client against the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from llm_gateway.entrypoints.lab.server import Lab

WEATHER = types.FunctionDeclaration(
    name="weather",
    parameters=types.Schema(
        type=types.Type.OBJECT,
        properties={
            "city": types.Schema(type=types.Type.STRING),
            "unit": types.Schema(type=types.Type.STRING, enum=["c", "f"]),
        },
    ),
)
TOOLS = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[WEATHER])])
ARGUMENTS = {"city": "city", "unit": "c"}
ASK = "one two\u2028three"
KIND = types.GenerateContentConfig(system_instruction="Be kind.")


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[genai.Client]:
    opened = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=lab.url))
    yield opened
    await opened.aio.aclose()
    opened.close()


async def test_plain(client: genai.Client) -> None:
    """Text, finish reason, usage; the system instruction is counted."""
    answer = await client.aio.models.generate_content(model="lab/echo", contents=ASK, config=KIND)
    assert answer.text == ASK and answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert _counts(answer) == (5, 3, 8)


async def test_streamed(client: genai.Client) -> None:
    """The same text and usage as the plain answer."""
    stream = await client.aio.models.generate_content_stream(model="lab/echo", contents=ASK, config=KIND)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.text or "" for chunk in chunks) == ASK
    assert _counts(chunks[-1]) == (5, 3, 8)


async def test_tool_call_and_its_result(client: genai.Client) -> None:
    """A round: the call, then text that quotes the result."""
    answer = await client.aio.models.generate_content(model="tools", contents=ASK, config=TOOLS)
    (call,) = answer.function_calls or ()
    assert (call.name, call.args) == ("weather", ARGUMENTS) and answer.candidates is not None
    result = types.Part.from_function_response(name="weather", response={"sky": "sunny"})
    history: Any = [ASK, answer.candidates[0].content, types.Content(role="user", parts=[result])]
    second = await client.aio.models.generate_content(model="tools", contents=history, config=TOOLS)
    assert "sunny" in (second.text or "")


async def test_streamed_tool_call(client: genai.Client) -> None:
    """It arrives whole."""
    stream = await client.aio.models.generate_content_stream(model="tools", contents=ASK, config=TOOLS)
    calls = [call async for chunk in stream for call in chunk.function_calls or ()]
    assert [(call.name, call.args) for call in calls] == [("weather", ARGUMENTS)]


async def test_reasoning(client: genai.Client) -> None:
    """A thought, and its signature with the part after it."""
    answer = await client.aio.models.generate_content(model="reasoning", contents=ASK)
    thought, text = answer.parts or ()
    assert thought.thought and not text.thought and text.thought_signature
    assert answer.usage_metadata is not None and answer.usage_metadata.thoughts_token_count == 12


async def test_streamed_reasoning(client: genai.Client) -> None:
    """The signature comes with the last part."""
    stream = await client.aio.models.generate_content_stream(model="reasoning", contents=ASK)
    parts = [part async for chunk in stream for part in chunk.parts or ()]
    assert [bool(part.thought) for part in parts].count(True) == 12
    assert [part.thought_signature is not None for part in parts].index(True) == len(parts) - 1


async def test_structured_output(client: genai.Client) -> None:
    """The text follows the schema."""
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=WEATHER.parameters
    )
    answer = await client.aio.models.generate_content(model="lorem", contents=ASK, config=config)
    assert answer.parsed == ARGUMENTS


@pytest.mark.parametrize(
    ("model", "status"), [("403", 403), ("429+retry-after=1", 429), ("503", 503), ("gemini-unknown", 404)]
)
async def test_errors(client: genai.Client, model: str, status: int) -> None:
    """As the client's own exception, with the status word of the API."""
    with pytest.raises(errors.APIError) as caught:
        await client.aio.models.generate_content(model=model, contents=ASK)
    assert caught.value.code == status and caught.value.status


async def test_an_error_inside_a_stream(client: genai.Client) -> None:
    """The client sees it too."""
    with pytest.raises(errors.APIError):
        async for _ in await client.aio.models.generate_content_stream(model="error@2", contents=ASK):
            pass


def _counts(answer: types.GenerateContentResponse) -> tuple[int | None, int | None, int | None]:
    usage = answer.usage_metadata
    assert usage is not None
    return usage.prompt_token_count, usage.candidates_token_count, usage.total_token_count
