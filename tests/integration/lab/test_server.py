"""The lab as an HTTP server: connections, observations, listening."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import socket
import sys
from typing import Any

import pytest

from llm_gateway.entrypoints.lab.behaviour import MODELS
from llm_gateway.entrypoints.lab.server import Lab
from tests.integration.lab.raw_client import DIALECTS, ask, connect, exchange, payloads, request, until

CLOSE = "Connection: close\r\n"


async def get(lab: Lab, path: str) -> Any:
    raw = await exchange(lab, f"GET {path} HTTP/1.1\r\nHost: lab\r\n{CLOSE}\r\n".encode())
    return json.loads(raw.partition(b"\r\n\r\n")[2])


async def test_models_are_listed_in_openais_shape(lab: Lab) -> None:
    """Every content and every fault."""
    listed = await get(lab, "/v1/models")
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == list(MODELS)


async def test_a_connection_serves_many_requests(lab: Lab) -> None:
    """Plain and streamed ones by turns."""
    reader, writer = await connect(lab)
    for stream in (False, True, False):
        writer.write(request("openai.chat", "echo", stream=stream))
        await reader.readuntil(b"[DONE]\n\n\r\n0\r\n\r\n" if stream else b"}}}")
    writer.close()
    assert (lab.counts.total, len(lab.log.records)) == (1, 3)


async def test_pipelined_requests_are_answered_in_order(lab: Lab) -> None:
    """The slow first one holds the second back."""
    first = request("openai.chat", "slow-first-byte=20+words=1")
    raw = await exchange(lab, first + request("openai.chat", "echo", headers=CLOSE))
    assert raw.count(b"HTTP/1.1 200 OK") == 2
    assert raw.index(b'"lorem"') < raw.index(b'"one two three"')


async def test_a_chunked_request_body_is_read(lab: Lab) -> None:
    """Split anywhere."""
    head, _, body = request("openai.chat", "echo").partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"Connection: close"])
    assert b"one two three" in await exchange(lab, head + b"\r\n\r\n" + chunks)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /v1/models HTTP/1.0\r\n\r\n", b"505"),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"405"),
    ],
)
async def test_what_is_no_request_of_the_lab_is_refused(lab: Lab, sent: bytes, status: bytes) -> None:
    """And the connection closed."""
    assert (await exchange(lab, sent)).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"{}", b'{"messages": 3, "contents": 3, "max_tokens": 1}', b"\xff"]
)
async def test_a_bent_request_is_a_bad_request(lab: Lab, dialect: str, body: bytes) -> None:
    """In the dialect's shape, never a lost connection."""
    head, _, _ = request(dialect, "echo").partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    lines += [b"Content-Length: %d" % len(body), b"x-lab-fault: echo", b"Connection: close"]
    raw = await exchange(lab, b"\r\n".join(lines) + b"\r\n\r\n" + body)
    assert raw.startswith(b"HTTP/1.1 400") and b'"error"' in raw


async def test_equal_requests_get_equal_bytes(lab: Lab) -> None:
    """Identifiers come from the request."""
    sent = request("openai.chat", "reasoning", stream=True, headers=CLOSE)
    assert await exchange(lab, sent) == await exchange(lab, sent)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_plain_and_streamed_answers_count_the_same(lab: Lab, dialect: str) -> None:
    """Usage is read from the answer, not from the way it is sent."""
    _, _, plain = await ask(lab, "reasoning", dialect=dialect)
    _, _, streamed = await ask(lab, "reasoning", dialect=dialect, stream=True, headers="")
    usages = [_counts(json.loads(data)) for data in payloads(streamed) if data != "[DONE]"]
    wanted = _counts(json.loads(plain))
    assert wanted["output"] == 64 + 12
    assert usages[-1]["output"] in (wanted["output"], None)  # OpenAI: only when asked for


async def test_requests_are_observed(lab: Lab) -> None:
    """With dialect, model, headers, length, outcome; the body is at its own path."""
    sent = request("anthropic.messages", "lorem", stream=True, headers=f"X-API-Key: k1\r\n{CLOSE}")
    await exchange(lab, sent)
    (seen,) = await get(lab, "/lab/requests")
    assert (seen["dialect"], seen["model"], seen["state"]) == ("anthropic.messages", "lorem", "finished")
    assert ["x-api-key", f"sha256:{hashlib.sha256(b'k1').hexdigest()[:12]}"] in seen["headers"]
    body = sent.partition(b"\r\n\r\n")[2]
    assert seen["body_length"] == len(body) and seen["events_sent"] == 64
    assert await get(lab, f"/lab/requests/{seen['id']}/body") == json.loads(body)


async def test_connections_are_observed(lab: Lab) -> None:
    """Requests under way included."""
    _, writer = await connect(lab)
    writer.write(request("openai.chat", "stall@0"))
    await until(lambda: lab.counts.in_flight)
    seen = await get(lab, "/lab/connections")
    assert seen == {"open": 2, "total": 2, "peak": 2, "in_flight": 1, "peak_in_flight": 1}
    writer.close()


async def test_a_client_that_leaves_a_paced_stream_is_noticed(lab: Lab) -> None:
    """And nothing more is sent."""
    reader, writer = await connect(lab)
    writer.write(request("openai.chat", "lorem+pace=1s", stream=True))
    await reader.readuntil(b"lorem")
    writer.close()
    await until(lambda: not lab.counts.in_flight)
    assert (lab.log.records[0].state, lab.log.records[0].events_sent) == ("client_gone", 1)


async def test_a_half_closed_connection_counts_as_left(lab: Lab) -> None:
    """A client that will send no more has given up."""
    reader, writer = await connect(lab)
    writer.write(request("openai.chat", "stall@0"))
    await reader.readuntil(b"\r\n\r\n")
    writer.write_eof()
    assert await reader.read() == b""
    assert lab.log.records[0].state == "client_gone"
    writer.close()


async def test_closing_the_lab_drops_what_is_under_way() -> None:
    """And its port is free."""
    async with Lab() as lab:
        reader, writer = await connect(lab)
        writer.write(request("openai.chat", "stall@0"))
        await reader.readuntil(b"\r\n\r\n")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(10)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", lab.port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com"])
async def test_only_loopback_is_listened_on(host: str) -> None:
    """Unless it is said explicitly."""
    with pytest.raises(ValueError, match="loopback"):
        await Lab().start(host)


async def test_an_inherited_socket_must_be_on_loopback_too() -> None:
    """The address is the socket's own."""
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        with pytest.raises(ValueError, match="loopback"):
            await Lab().start(sock=taken)
        lab = Lab(reach="anywhere")
        await lab.start(sock=taken)
        await lab.aclose()


async def test_an_unknown_model_can_stand_for_another() -> None:
    """A lab in front of which any model name works."""
    async with Lab(otherwise="echo") as lab:
        assert b"one two three" in (await ask(lab, "gpt-4o"))[2]
    async with Lab() as lab:
        assert (await ask(lab, "gpt-4o"))[0] == 404


async def test_a_client_that_asks_first_is_told_to_continue(lab: Lab) -> None:
    """`Expect: 100-continue`, as curl does with a large body."""
    head, _, body = request("openai.chat", "echo", headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    reader, writer = await connect(lab)
    writer.write(head + b"\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()


async def test_the_process_serves_an_inherited_socket_and_ends_cleanly() -> None:
    """SIGTERM: exit status 0."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, descriptor = listening.getsockname()[1], listening.fileno()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "llm_gateway.entrypoints.lab", f"fd:{descriptor}", pass_fds=[descriptor]
        )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("openai.chat", "echo"))
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.write(request("openai.chat", "reset"))
    with pytest.raises(ConnectionResetError):
        await reader.read()
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    writer.close()


def _counts(document: dict[str, Any]) -> dict[str, Any]:
    usage = document.get("usage") or document.get("usageMetadata") or {}
    output = usage.get("completion_tokens", usage.get("output_tokens"))
    if "candidatesTokenCount" in usage:
        output = usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    return {"output": output}
