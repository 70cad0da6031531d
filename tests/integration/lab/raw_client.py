"""An HTTP client of a few lines that hides nothing of what the lab sends."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from llm_gateway.entrypoints.lab.server import Lab

DIALECTS = ("openai.chat", "anthropic.messages", "google.generate_content")


def request(dialect: str, model: str, *, stream: bool = False, headers: str = "") -> bytes:
    """The bytes of a POST for `model`; `headers` are whole lines."""
    messages = [{"role": "user", "content": "one two three"}]
    document: dict[str, Any] = {"model": model, "messages": messages, "stream": stream, "max_tokens": 64}
    path = "/v1/chat/completions" if dialect == "openai.chat" else "/v1/messages"
    if dialect == "google.generate_content":
        document = {"contents": [{"role": "user", "parts": [{"text": "one two three"}]}]}
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        path = f"/v1beta/models/{quote(model, safe='')}:{method}"
    body = json.dumps(document)
    lines = f"Host: lab\r\nAnthropic-Version: 2023-06-01\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n{body}".encode()


async def connect(
    lab: Lab, *, receive_buffer: int | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    raw = socket.socket()
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", lab.port))
    return await asyncio.open_connection(sock=raw)


async def exchange(lab: Lab, sent: bytes) -> bytes:
    """Everything that comes back until the lab closes; raises ConnectionResetError when it resets."""
    reader, writer = await connect(lab)
    try:
        writer.write(sent)
        return await reader.read()
    finally:
        writer.close()


async def ask(
    lab: Lab, model: str, *, dialect: str = "openai.chat", stream: bool = False, headers: str = ""
) -> tuple[int, str, bytes]:
    """Status, head and body (decoded of its chunks) of an answer on a connection of its own."""
    closing = f"Connection: close\r\n{headers}"
    answer = await exchange(lab, request(dialect, model, stream=stream, headers=closing))
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head:
        body = unchunked(body)
    return int(head.split()[1]), head.decode("latin-1"), body


def unchunked(body: bytes) -> bytes:
    """The data of the chunks, as far as they are complete."""
    pieces, at = [], 0
    while (end := body.find(b"\r\n", at)) > at:
        size, at = int(body[at:end], 16), end + 2
        if len(body) < at + size:
            break
        pieces.append(body[at : at + size])
        at += size + 2
    return b"".join(pieces)


def ended(raw: bytes) -> bool:
    """Whether a chunked answer came to its proper end."""
    return raw.endswith(b"0\r\n\r\n")


def payloads(body: bytes) -> list[str]:
    """The data of each server-sent event."""
    events = body.decode().replace("\r\n", "\n").split("\n\n")
    return [event.partition("data: ")[2] for event in events if event]


async def until(happened: Callable[[], object]) -> None:
    """For what the lab notices by itself: there is no event to await."""
    while not happened():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
