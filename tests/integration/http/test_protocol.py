"""What the HTTP edge takes and what it refuses, byte by byte."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llm_gateway.entrypoints.http.inference.fast_lane import open_channel
from llm_gateway.entrypoints.http.protocol import LARGEST_HEAD, LONGEST_URL, MOST_HEADERS
from llm_gateway.entrypoints.http.slow_clients import (
    BODY_IDLE_S,
    BODY_TOTAL_S,
    HEAD_S,
    SILENT_S,
    TAKES_NOTHING_S,
    turn_away,
)
from tests.integration.http.served import exchange, served

HEAD = b"POST / HTTP/1.1\r\nHost: gateway\r\n"


async def echo_length(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the whole body and answers with its length."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        size += len(message["body"])
        more = message["more_body"]
    await open_channel(scope, receive, send).answer(200, [], b'{"size":%d}' % size)


async def answer_to(raw: bytes, *, answers: int = 1) -> bytes:
    async with served(echo_length) as (port, _):
        return await exchange(port, raw, answers=answers)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 2, 2\r\n\r\nhi", 400),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
        (b"CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (HEAD + b"Connection: upgrade\r\nUPGRADE: h2c\r\nContent-Length: 2\r\n\r\nhi", 501),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (HEAD + b"X-A: a\r\n b\r\n\r\n", 400),
        (HEAD + b"X-A : a\r\n\r\n", 400),
        (HEAD + b"X-A: a\0b\r\n\r\n", 400),
        (HEAD.replace(b"\r\n", b"\n") + b"\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (HEAD + b"Host: other\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: user:password@gateway\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: gateway/agents\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;x\nhi\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\nhi\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 400),
        (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: a\r\n" * (MOST_HEADERS + 1) + b"\r\n",
            431,
        ),
        (HEAD + b"X-A: a\rX-B: b\r\n\r\n", 400),
        (HEAD + b"Content-Length: +2\r\n\r\nhi", 400),
        (HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 505),
        (b"POST / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"POST /" + b"a" * LONGEST_URL + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (HEAD + b"X-A: " + b"a" * LARGEST_HEAD + b"\r\n\r\n", 431),
        (HEAD + b"X-A: a\r\n" * MOST_HEADERS + b"\r\n", 431),
    ],
)
async def test_what_is_refused_is_answered_in_openais_shape_and_closed(raw: bytes, status: int) -> None:
    answer = await answer_to(raw)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b'{"error":{"message":' in answer
    assert b"connection: close" in answer


async def test_a_refused_request_ends_its_connection() -> None:
    """A request smuggled behind a refused one is never looked at."""
    smuggled = HEAD + b"Content-Length: 0\r\n\r\n"
    raw = HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled
    answer = await answer_to(raw, answers=2)
    assert answer.endswith(b"<closed>")
    assert answer.count(b"HTTP/1.1 4") == 1


@pytest.mark.parametrize(
    ("raw", "size"),
    [
        (HEAD + b"Content-Length: 5\r\n\r\nhello", 5),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n", 5),
        (b"POST http://user@other.example/ HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 1\r\n\r\nx", 1),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer x\r\n\r\n", 1),
        (HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi", 2),
    ],
)
async def test_what_is_taken(raw: bytes, size: int) -> None:
    assert b'{"size":%d}' % size in await answer_to(raw)


async def test_pipelined_requests_are_answered_in_order_on_one_connection() -> None:
    requests = [HEAD + b"Content-Length: %d\r\n\r\n" % n + b"x" * n for n in (1, 2, 3)]
    answer = await answer_to(b"".join(requests), answers=3)
    assert [answer.index(b'{"size":%d}' % n) for n in (1, 2, 3)] == sorted(
        answer.index(b'{"size":%d}' % n) for n in (1, 2, 3)
    )


async def test_an_answer_to_head_has_no_body() -> None:
    """Bytes behind it would be read as the beginning of the next answer."""
    raw = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD + b"Content-Length: 1\r\n\r\nx"
    answer = await answer_to(raw, answers=2)
    assert answer.count(b'{"size":') == 1


async def test_an_http_1_0_client_gets_an_answer_and_the_end_of_the_connection() -> None:
    answer = await answer_to(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", answers=2)
    assert b'{"size":2}' in answer
    assert answer.endswith(b"<closed>")


@pytest.mark.parametrize(
    ("sent", "waits", "answered"),
    [
        (b"", SILENT_S, False),
        (b"POST / HTTP/1.1\r\nHost: x\r\nX-A: ", HEAD_S, True),
        (HEAD + b"Content-Length: 9\r\n\r\nhalf", BODY_IDLE_S, True),
    ],
)
async def test_a_client_that_keeps_us_waiting_is_turned_away(
    sent: bytes, waits: float, answered: bool
) -> None:
    async with served(echo_length) as (port, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        await asyncio.sleep(0.1)
        now = asyncio.get_running_loop().time()
        assert turn_away(server.server_state.connections, now + waits - 1) == 0
        assert turn_away(server.server_state.connections, now + waits + 1) == 1
        received = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert received.startswith(b"HTTP/1.1 408 ") is answered


async def test_a_body_that_trickles_without_end_is_turned_away() -> None:
    async with served(echo_length) as (port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 9\r\n\r\nhalf")
        await asyncio.sleep(0.1)
        (connection,) = server.server_state.connections
        now = asyncio.get_running_loop().time() + BODY_TOTAL_S + 1
        connection.waiting_since = now - 1
        assert turn_away([connection], now) == 1
        writer.close()


async def pour(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A stream as fast as the client takes it."""
    await receive()
    channel = open_channel(scope, receive, send)
    await channel.begin([])
    while not scope["extensions"]["llm_gateway.connection"].transport.is_closing():
        if not channel.write(b"x" * 65536):
            await channel.drained()


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    """One that takes a little is not."""
    async with served(pour) as (port, server):
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        await asyncio.sleep(0.2)
        (connection,) = server.server_state.connections
        now = connection.untaken_since
        assert turn_away([connection], now + TAKES_NOTHING_S - 1) == 0
        connection.untaken += 1  # as if it had taken a byte since
        assert turn_away([connection], now + TAKES_NOTHING_S + 1) == 0
        assert turn_away([connection], now + 2 * TAKES_NOTHING_S) == 0
        assert turn_away([connection], now + 2 * TAKES_NOTHING_S + 2) == 1
        writer.close()


async def test_fields_behind_the_body_are_no_headers() -> None:
    """RFC 9110 §6.5.1: a credential or a tenant there has been seen by nobody in front of us."""

    async def say_names(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        names = b" ".join(name for name, _ in scope["headers"])
        await open_channel(scope, receive, send).answer(200, [], b'{"names":"%b"}' % names)

    raw = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    async with served(say_names) as (port, _):
        assert b'{"names":"host transfer-encoding"}' in await exchange(port, raw)
