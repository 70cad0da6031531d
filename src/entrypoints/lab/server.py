"""The lab's server: listens on loopback and hands each request to its endpoint.

POST /v1/chat/completions, /v1/messages, /v1beta/models/{model}:generateContent and
:streamGenerateContent?alt=sse answer as behaviour.py says; GET /v1/models lists the model names.
GET /lab/requests, /lab/requests/{n}/body and /lab/connections show what was seen, DELETE /lab/requests
forgets it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import signal
import socket
import sys
from collections.abc import Callable
from typing import Literal, Self

from llm_gateway.entrypoints.lab.behaviour import MODELS
from llm_gateway.entrypoints.lab.connection import Connection, HttpRequest
from llm_gateway.entrypoints.lab.endpoint import endpoint
from llm_gateway.entrypoints.lab.exchange import Exchanges
from llm_gateway.entrypoints.lab.request_log import ConnectionCounts, RequestLog
from llm_gateway.entrypoints.lab.response import json_response, plain_head
from llm_gateway.entrypoints.lab.wire import CREATED

_BODY_PATH = re.compile(r"/lab/requests/(\d{1,9})/body", re.ASCII)
_BACKLOG = 2048


class Lab:
    """`await start()`, use `url`, `await aclose()`; or `async with Lab() as lab`.

    `log` and `counts` are what the /lab paths show.

    `otherwise` is the behaviour, such as `"echo"`, of model names that mean nothing to the lab (404 without
    it). `reach="anywhere"` allows an address that is not loopback.
    """

    def __init__(
        self, *, otherwise: str | None = None, reach: Literal["loopback", "anywhere"] = "loopback"
    ) -> None:
        self.log = RequestLog()
        self.counts = ConnectionCounts()
        self._exchanges = Exchanges(self.log, self.counts, otherwise)
        self._reach = reach
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._host, self.port = "", 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def url(self) -> str:
        """Without a path or a final slash: `http://127.0.0.1:40001`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def start(self, host: str = "127.0.0.1", port: int = 0, sock: socket.socket | None = None) -> None:
        """Listens on `sock` if given, else on `host` and `port` (0: any free one).

        Raises ValueError for an address that is not loopback, OSError when it is taken.
        """
        if sock is not None:
            host = sock.getsockname()[0]
        if self._reach == "loopback" and not _is_loopback(host):
            raise ValueError(f"the lab listens on loopback only, not on {host}, unless told otherwise")
        loop = asyncio.get_running_loop()
        if sock is not None:
            self._server = await loop.create_server(self._connect, sock=sock, backlog=_BACKLOG)
        else:
            self._server = await loop.create_server(self._connect, host, port, backlog=_BACKLOG)
        self._host, self.port = self._server.sockets[0].getsockname()[:2]

    async def aclose(self) -> None:
        """Stops listening and drops every connection, answers under way included."""
        if self._server is not None:
            self._server.close()
            self._server = None
        leaving = list(self._connections)
        for connection in leaving:
            connection.drop()
        for connection in leaving:
            await connection.ended.wait()

    def _connect(self) -> Connection:
        return Connection(self._serve, hurried=_hurried, opened=self._opened, closed=self._closed)

    def _opened(self, connection: Connection) -> None:
        self._connections.add(connection)
        self.counts.opened()

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self.counts.closed()

    async def _serve(self, connection: Connection, request: HttpRequest) -> None:
        at = endpoint(request.target)
        if at is not None and request.method == "POST":
            await self._exchanges.answer(connection, request, at)
            return
        await connection.send(self._observe(request, known=at is not None))
        if not request.keep_alive:
            connection.close()

    def _observe(self, request: HttpRequest, *, known: bool) -> bytes:
        path = request.target.decode("latin-1").partition("?")[0]
        alive = request.keep_alive
        match request.method, path:
            case "GET", "/v1/models":
                return json_response(200, _model_list(), keep_alive=alive)
            case "GET", "/lab/requests":
                documents = [record.document() for record in self.log.records]
                return json_response(200, documents, keep_alive=alive)
            case "DELETE", "/lab/requests":
                self.log.clear()
                self.counts.reset()
                self._exchanges.forget()
                return json_response(200, {}, keep_alive=alive)
            case "GET", "/lab/connections":
                return json_response(200, self.counts.document(), keep_alive=alive)
        if request.method == "GET" and (match := _BODY_PATH.fullmatch(path)):
            record = self.log.find(int(match[1]))
            if record is not None and record.body is not None:
                head = plain_head(
                    200, len(record.body), keep_alive=alive, content_type=b"application/octet-stream"
                )
                return head + record.body
        error = {"message": f"The lab has no {request.method} {path}", "type": "invalid_request_error"}
        return json_response(405 if known else 404, {"error": error}, keep_alive=alive)


def run(
    host: str = "127.0.0.1",
    port: int = 0,
    sock: socket.socket | None = None,
    *,
    otherwise: str | None = None,
    reach: Literal["loopback", "anywhere"] = "loopback",
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT, then returns. `ready` is told the URL once connections are accepted.

    Raises as Lab.start does.
    """

    async def serve() -> None:
        lab = Lab(otherwise=otherwise, reach=reach)
        await lab.start(host, port, sock)
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # Windows: the interpreter's own handlers remain
                loop.add_signal_handler(number, over.set)
        if ready is not None:
            ready(lab.url)
        await over.wait()
        await lab.aclose()

    if sys.platform == "win32":
        asyncio.run(serve())
    else:
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())


def _hurried(request: HttpRequest) -> bool:
    return "early-close" in request.header(b"x-lab-fault")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _model_list() -> dict[str, object]:
    models = [{"id": name, "object": "model", "created": CREATED, "owned_by": "lab"} for name in MODELS]
    return {"object": "list", "data": models}
