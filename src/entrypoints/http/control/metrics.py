"""GET /metrics: Prometheus text over all workers."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter, Request, Response

from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


class Page(Protocol):
    content_type: str

    def render(self) -> bytes: ...


def metrics_router(page: Page, live: LiveConfiguration, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["health"])
    check = guard("agents:read")

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **REFUSALS},
        dependencies=CREDENTIALS,
        openapi_extra={"security": [{}]},  # or none: it may be open
    )
    def metrics(request: Request) -> Response:
        """Prometheus text format; open unless `auth.metrics` says `authenticated`."""
        if live.configuration.auth.metrics == "authenticated":
            check(request)
        return Response(page.render(), media_type=page.content_type)

    return router
