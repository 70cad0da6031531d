"""SpanRoute: a FastAPI route whose answers go into the platform's span envelope when the caller asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from typing_extensions import override

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.domain.errors import GatewayError
from llm_gateway.entrypoints.http.span_envelope import EXECUTION_HEADER, PARENT_HEADER, SpanEnvelope

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SpanRoute(APIRoute):
    """Clock and identifiers are the application's (`app.state`): FastAPI builds its routes itself."""

    @override
    def get_route_handler(self) -> Handler:
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            parent = request.headers.get(PARENT_HEADER.decode())
            if parent is None:
                return await plain(request)
            execution = request.headers.get(EXECUTION_HEADER.decode())
            clock: Clock = request.app.state.clock
            identifiers: Identifiers = request.app.state.identifiers
            span = SpanEnvelope.asked_for(
                parent.encode("latin-1"),
                None if execution is None else execution.encode("latin-1"),
                clock,
                identifiers,
            )
            if span is None:
                return await plain(request)
            try:
                response = await plain(request)
            except (GatewayError, RequestValidationError, HTTPException) as error:
                response = await _answered(request, error)
            headers = dict(response.headers)
            body = span.around(response.status_code, headers, bytes(response.body))
            del headers["content-length"]
            return Response(body, response.status_code, headers=headers)

        return handler


async def _answered(request: Request, error: Exception) -> Response:
    """What the application's own handler makes of the error; outside of here it would come too late."""
    handlers = request.app.exception_handlers
    kind = next(kind for kind in type(error).__mro__ if kind in handlers)
    response: Response = await handlers[kind](request, error)
    return response
