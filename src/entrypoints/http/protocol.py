"""GatewayProtocol: uvicorn's HTTP/1.1 protocol, which also tells a request that its client has left.

Plain ASGI can only say so to who waits in `receive()`, which would cost a task per request. `scope`
carries this object under `extensions["llm_gateway.connection"]`; without it (another server) the inference
plane falls back to such a task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.entrypoints.http.error_body import error_body

EXTENSION = "llm_gateway.connection"


class GatewayProtocol(HttpToolsProtocol):
    on_gone: Callable[[], object] | None = None

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {EXTENSION: self}

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        on_gone, self.on_gone = self.on_gone, None
        if on_gone is not None:
            on_gone()

    @override
    def send_400_response(self, msg: str) -> None:
        body = error_body(InvalidRequest("the bytes received are no HTTP/1.1 request", code="invalid_http"))
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        self.transport.close()
