"""Recorded answers of OpenAI, Azure and compatible providers, judged by what the SDK made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from openai import OpenAI

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected
from tests.integration.hub_reading import read_chunks
from tests.integration.openai_recordings import OPENAI
from tests.integration.recordings import CONTEXT, Row

by_row = pytest.mark.parametrize
_DONE = b"data: [DONE]\n\n"
# Rows of other servers that a base URL put under OpenAI's name carry OpenRouter's ids.
OWN = [
    row
    for row in OPENAI.streams
    if (row["provider"], row["fidelity"]) == ("openai", "bytes") and '"id":"gen-' not in row["body"]
]


def _name(row: Row) -> str:
    return f"{row['provider']}-{row['id']}"


def test_the_bundled_sample_is_there() -> None:
    """Without the whole collection beside the checkout the sample alone still exercises every kind."""
    assert {"openai", "azure", "mistral", "groq", "openrouter"} <= {row["provider"] for row in OPENAI.rows}
    assert {row["id"] for row in OPENAI.rows} & OPENAI.failures.keys()


def test_the_pass_rate_is_stated(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row that differs from the SDK's reading is listed with the reason."""
    kinds = {"openai-chat plain": OPENAI.plain, "openai-chat streams": OPENAI.streams}
    with capsys.disabled():
        for name, rows in kinds.items():
            equal = sum(not OPENAI.difference(row) for row in rows)
            print(f"\n{name}: {equal}/{len(rows)} equal to the SDK's reading")
        for row in OPENAI.readable:
            if row["id"] in OPENAI.failures:
                print(f"  {_name(row)}: {OPENAI.failures[row['id']]}")


@by_row("row", [row for row in OPENAI.streams if len(row["body"]) < 20_000], ids=_name)
def test_a_stream_that_stops_early_never_ends_well(row: Row) -> None:
    """Before the last finish reason and without usage there is no [DONE], ever."""
    body = row["body"].encode()
    end = max(body.rfind(b'"finish_reason":"'), body.find(b'"usage":{'))
    for cut in range(0, body.rfind(b"data: {", 0, end) if end > 0 else 0, 97):
        reader = OpenAIChat().stream(CONTEXT)
        out = reader.feed(body[:cut]) + reader.close()
        assert (reader.failure is not None and _DONE not in out) or _ended(body[:cut])


def _ended(body: bytes) -> bool:
    return b'"finish_reason":"stop"' in body or b'"finish_reason":"tool_calls"' in body


@by_row("row", OWN, ids=_name)
def test_events_of_openai_itself_pass_as_the_same_bytes(row: Row) -> None:
    """Repair is for those that bend the format."""
    sent = row["body"].encode().replace(b"\r\n", b"\n").split(b"\n\n")
    assert set(OPENAI.stream_bytes(row["body"].encode()).split(b"\n\n")) <= {*sent, b""}


@by_row(
    "row",
    [row for row in OPENAI.rows if row["status"] >= 400 and b'"error": null' not in row["body"].encode()],
    ids=_name,
)
def test_an_error_status_keeps_its_message(row: Row) -> None:
    """Refused or rejected by status, with the provider's own words and code, but never a key."""
    error = OpenAIChat().failure(row["status"], {}, row["body"].encode())
    said = json.loads(row["body"])["error"]
    assert isinstance(error, UpstreamRejected if row["status"] == 429 else UpstreamRefused)
    assert error.status == row["status"] and "sk-fake" not in error.message
    assert error.message == said["message"] or "[redacted]" in error.message
    assert said.get("code") in (error.code, None, row["status"])


@by_row(
    "row", [row for row in OPENAI.rows if row["status"] == 200 and '"error"' in row["body"][:20]], ids=_name
)
def test_an_error_inside_a_200_is_an_error(row: Row) -> None:
    """Providers that forget their status."""
    with pytest.raises(UpstreamError):
        OpenAIChat().answer(row["body"].encode(), CONTEXT)


def _client(answer: Callable[[], httpx.Response]) -> OpenAI:
    transport = httpx.MockTransport(lambda _: answer())
    return OpenAI(
        api_key="k", base_url="http://gateway.test/v1", http_client=httpx.Client(transport=transport)
    )


@by_row("row", [row for row in OPENAI.streams if row["expected"]["finish"] != "length"], ids=_name)
def test_the_sdks_stream_helper_works(row: Row) -> None:
    """Its accumulated answer is the one that a plain reading gives, and its message can be sent back."""
    out = OPENAI.stream_bytes(row["body"].encode())
    response = httpx.Response(200, content=out, headers={"content-type": "text/event-stream"})
    with (
        _client(lambda: response) as client,
        client.chat.completions.stream(model="m", messages=[]) as stream,
    ):
        final = stream.get_final_completion()
    read = read_chunks(out, OPENAI.hub)
    message: Any = final.choices[0].message
    assert (message.content or "", message.role) == (read["text"], "assistant")
    assert [[call.function.name, call.function.arguments] for call in message.tool_calls or ()] == read[
        "tools"
    ]
    assert final.choices[0].finish_reason == read["finish"]


@by_row(
    "row",
    [row for row in OPENAI.plain if OPENAI.read_row(row)["finish"] in ("stop", "tool_calls")],
    ids=_name,
)
def test_the_sdks_parse_helper_works(row: Row) -> None:
    """It raises for cut and filtered answers, by design, and for no other."""
    body = OpenAIChat().answer(row["body"].encode(), CONTEXT).body
    response = httpx.Response(200, content=body, headers={"content-type": "application/json"})
    with _client(lambda: response) as client:
        parsed = client.chat.completions.parse(model="m", messages=[])
    assert parsed.choices[0].message.role == "assistant"
