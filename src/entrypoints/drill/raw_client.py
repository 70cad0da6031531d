"""A client that keeps what really came over the wire, and tells a finished body from one that broke off."""

from __future__ import annotations

import asyncio
from typing import Any, Self
from urllib.parse import urlsplit

import httptools
import msgspec

from llm_gateway.application.drill_case import ClientView


class RawAnswer:
    """An answer as it arrives; httptools calls the `on_…` methods."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True

    def view(self) -> ClientView:
        return ClientView(
            status=self.status, headers=dict(self.headers), body=bytes(self.body), complete=self.complete
        )


class RawExchange:
    """One request on a connection of its own; leaving the block closes it, finished or not."""

    def __init__(self, url: str, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._url = urlsplit(url)
        self._document = document
        self._headers = headers or {}
        self.answer = RawAnswer()

    async def __aenter__(self) -> Self:
        host, port = self._url.hostname, self._url.port
        self._reader, self._writer = await asyncio.open_connection(host, port)
        body = msgspec.json.encode(self._document)
        lines = [
            "POST /v1/chat/completions HTTP/1.1",
            f"Host: {self._url.netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self._headers.items()),
        ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.abort()

    def abort(self) -> None:
        """Closes the connection, as a client does that leaves."""
        self._writer.transport.abort()

    async def until(self, mark: bytes) -> None:
        """Reads on until the body holds `mark`. Raises AssertionError when it ends without."""
        while mark not in self.answer.body:
            assert await self._more(), self.answer.body

    async def finish(self) -> ClientView:
        """Reads to the end of the message, or to where it broke off."""
        while not self.answer.complete and await self._more():
            pass
        return self.answer.view()

    async def _more(self) -> bool:
        try:
            data = await self._reader.read(65536)
        except ConnectionError:
            return False
        if data:
            self.answer.feed(data)
        return bool(data)


async def ask(url: str, document: dict[str, Any], headers: dict[str, str] | None = None) -> ClientView:
    async with RawExchange(url, document, headers) as exchange:
        return await exchange.finish()
