"""Every named fault as a client sees it, byte by byte."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from llm_gateway.entrypoints.lab.behaviour import STATUSES
from llm_gateway.entrypoints.lab.content import HUGE_BYTES
from llm_gateway.entrypoints.lab.server import Lab
from tests.integration.lab.raw_client import (
    DIALECTS,
    ask,
    connect,
    ended,
    exchange,
    payloads,
    request,
    unchunked,
    until,
)

CLOSE = "Connection: close\r\n"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_cut_closes_a_stream_after_n_content_events(lab: Lab, dialect: str) -> None:
    """Without the last chunk, and before the event that would close the answer."""
    raw = await exchange(lab, request(dialect, "cut@2", stream=True))
    events = payloads(unchunked(raw.partition(b"\r\n\r\n")[2]))
    assert [word in "".join(events) for word in ("lorem", "ipsum", "dolor")] == [True, True, False]
    assert not ended(raw)
    assert lab.log.records[0].events_sent == 2


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_cut_closes_inside_a_plain_body(lab: Lab, dialect: str) -> None:
    """Less arrives than was announced."""
    head, _, body = (await exchange(lab, request(dialect, "cut@10"))).partition(b"\r\n\r\n")
    announced = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert len(body) == 10 < announced


@pytest.mark.parametrize("stream", [True, False])
async def test_stall_is_silent_until_the_client_leaves(lab: Lab, stream: bool) -> None:
    """And the lab notices the leaving."""
    reader, writer = await connect(lab)
    writer.write(request("openai.chat", "stall@2", stream=stream))
    await reader.readuntil(b"ipsum" if stream else b"\r\n\r\n{")
    record = lab.log.records[0]
    assert record.state == "open"
    writer.close()
    await until(lambda: record.state != "open")
    assert record.state == "client_gone" and record.client_gone_at is not None


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_malformed_breaks_one_event(lab: Lab, dialect: str) -> None:
    """The stream goes on to its proper end."""
    _, _, body = await ask(lab, "malformed@2", dialect=dialect, stream=True)
    broken = [data for data in payloads(body) if data != "[DONE]" and not _is_json(data)]
    assert len(broken) == 1 and "ipsum" in broken[0]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_malformed_breaks_a_plain_body(lab: Lab, dialect: str) -> None:
    """Its length is the announced one."""
    status, _, body = await ask(lab, "malformed@1", dialect=dialect)
    assert status == 200 and not _is_json(body.decode())


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_error_ends_a_stream_with_the_dialects_error(lab: Lab, dialect: str) -> None:
    """The connection's framing stays intact."""
    _, _, body = await ask(lab, "error@1", dialect=dialect, stream=True)
    *_, before, last = payloads(body)
    assert "lorem" in before and "message" in json.loads(last)["error"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("status", STATUSES)
async def test_a_status_is_answered_in_the_dialects_shape(lab: Lab, dialect: str, status: int) -> None:
    """The field that each dialect's clients look at is there."""
    got, _, body = await ask(lab, str(status), dialect=dialect, stream=True)
    error = json.loads(body)["error"]
    assert got == status
    assert error["code"] == status if dialect == "google.generate_content" else error["type"]


@pytest.mark.parametrize(("dialect", "hint"), [(d, d == "google.generate_content") for d in DIALECTS])
async def test_retry_after_is_a_header(lab: Lab, dialect: str, hint: bool) -> None:
    """Google also says it in the body."""
    _, head, body = await ask(lab, "429+retry-after=7", dialect=dialect)
    assert "\r\nretry-after: 7" in head
    assert (b'"retryDelay":"7s"' in body) is hint


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_200_with_error_is_an_error_in_a_success(lab: Lab, dialect: str, stream: bool) -> None:
    """The body, or the first and only event."""
    status, _, body = await ask(lab, "200-with-error", dialect=dialect, stream=stream)
    document = json.loads(payloads(body)[0] if stream else body)
    assert status == 200 and "message" in document["error"]


async def test_reset_is_a_tcp_reset_before_any_byte(lab: Lab) -> None:
    """Not a clean close."""
    with pytest.raises(ConnectionResetError):
        await exchange(lab, request("openai.chat", "reset"))


async def test_early_close_is_a_clean_close_before_any_byte(lab: Lab) -> None:
    """By name it happens once the name is known."""
    assert await exchange(lab, request("openai.chat", "early-close")) == b""


async def test_early_close_by_header_does_not_read_the_body(lab: Lab) -> None:
    """The head is enough: no byte of the body was sent."""
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n"
    assert await exchange(lab, head + b"x-lab-fault: early-close\r\n\r\n") == b""


async def test_half_open_sends_half_a_head(lab: Lab) -> None:
    """Then nothing, for as long as the client waits."""
    reader, writer = await connect(lab)
    writer.write(request("openai.chat", "half-open"))
    head = await reader.readuntil(b"applica")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"\r\n\r\n" not in head
    assert lab.log.records[0].state == "open"
    writer.close()


async def test_garbage_headers_are_no_http(lab: Lab) -> None:
    """A line without a colon, and a NUL in a name."""
    raw = await exchange(lab, request("openai.chat", "garbage-headers"))
    assert b"\r\nno colon here\r\n" in raw and b"\x00" in raw


async def test_no_done_leaves_out_the_done_marker(lab: Lab) -> None:
    """The finish reason was sent."""
    _, _, body = await ask(lab, "no-done", stream=True)
    assert b'"finish_reason":"stop"' in body and b"[DONE]" not in body


async def test_flaky_fails_k_times_for_each_key(lab: Lab) -> None:
    """Another key, or forgetting everything, begins again."""
    one, two = "x-lab-key: one\r\n", "x-lab-key: two\r\n"
    statuses = [(await ask(lab, "flaky=2", headers=key))[0] for key in (one, one, two, one)]
    assert statuses == [500, 500, 500, 200]
    await exchange(lab, b"DELETE /lab/requests HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert (await ask(lab, "flaky=2", headers=one))[0] == 500


async def test_close_ends_a_good_answer_with_the_connection(lab: Lab) -> None:
    """And announces it."""
    raw = await exchange(lab, request("openai.chat", "close"))
    assert b"connection: close\r\n" in raw and raw.endswith(b"}")


async def test_delays_are_kept(lab: Lab) -> None:
    """First byte and pace: at least the time asked for."""
    began = time.monotonic()
    await ask(lab, "lorem+words=4+pace=10ms+slow-first-byte=30ms", stream=True)
    assert time.monotonic() - began >= 0.06


@pytest.mark.parametrize("stream", [True, False])
async def test_huge_arrives_whole(lab: Lab, stream: bool) -> None:
    """Eight mebibytes in 1,024 events, or in one body."""
    _, _, body = await ask(lab, "huge", stream=stream)
    documents = [json.loads(data) for data in payloads(body)[:-1]] if stream else [json.loads(body)]
    choices = [document["choices"][0] for document in documents]
    texts = [choice["delta" if stream else "message"].get("content", "") for choice in choices]
    assert sum(map(len, texts)) == HUGE_BYTES


async def test_a_client_that_does_not_read_holds_the_lab_back(lab: Lab) -> None:
    """The lab stops once the buffers are full, and goes on when the client reads."""
    reader, writer = await connect(lab, receive_buffer=16 * 1024)
    writer.write(request("openai.chat", "huge", stream=True, headers=CLOSE))
    await reader.readuntil(b"\r\n\r\n")
    before, now = -1, 0
    while before != now:
        await asyncio.sleep(0.05)
        before, now = now, lab.log.records[0].events_sent
    assert lab.log.records[0].state == "open" and 0 < now < 1024
    assert ended(await reader.read())
    assert lab.log.records[0].events_sent == 1024
    writer.close()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_unknown_fault_is_named(lab: Lab, dialect: str) -> None:
    """In the dialect's shape, as a bad request."""
    status, _, body = await ask(lab, "lorem", dialect=dialect, headers="x-lab-fault: explode\r\n")
    assert status == 400 and "explode" in json.loads(body)["error"]["message"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
