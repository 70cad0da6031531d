"""create_app: two planes, one application object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from typing_extensions import override

from llm_gateway.entrypoints.container import Container
from llm_gateway.entrypoints.http.background import Background
from llm_gateway.entrypoints.http.control.agents import agents_router
from llm_gateway.entrypoints.http.control.decisions import decisions_router
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.control.health import health_router
from llm_gateway.entrypoints.http.control.metrics import metrics_router
from llm_gateway.entrypoints.http.control.models import models_router
from llm_gateway.entrypoints.http.control.optimizer import optimizer_router
from llm_gateway.entrypoints.http.control.route import route_router
from llm_gateway.entrypoints.http.control.rule_updates import rule_updates_router
from llm_gateway.entrypoints.http.error_answer import install_error_handlers
from llm_gateway.entrypoints.http.inference.fast_lane import CHAT_PATH, FastLane
from llm_gateway.entrypoints.http.inference.openapi import inference_router
from llm_gateway.entrypoints.http.inference.request_body import Receive, Scope, Send
from llm_gateway.entrypoints.http.openapi_document import without_validation_answers

Endpoint = Callable[[Scope, Receive, Send], Awaitable[None]]


class GatewayApp(FastAPI):
    """FastAPI, with the inference endpoints answered before its middleware and router."""

    fast_paths: dict[str, Endpoint]

    @override
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = without_validation_answers(super().openapi())
        return self.openapi_schema

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            endpoint = self.fast_paths.get(scope["path"])
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def inference_lane(container: Container) -> FastLane:
    tracing = container.tracing()
    return FastLane(
        live=container.live_configuration(),
        complete_chat=container.complete_chat(),
        authenticate=container.authenticate(),
        admission=container.admission(),
        lifecycle=container.lifecycle(),
        clock=container.clock(),
        identifiers=container.identifiers(),
        start_trace=None if tracing is None else tracing.start,
    )


def create_app(container: Container, background: Background | None = None) -> GatewayApp:
    """The application around a container; the lifespan closes what the container built.

    `background` is what runs beside it; None for a process that only answers.
    """
    settings = container.settings()
    live = container.live_configuration()
    guard = Guard(container.authenticate())
    lane = inference_lane(container)
    app = GatewayApp(
        title="LLM-Inference-Gateway",
        summary="A controlled ingress to LLM execution",
        version=settings.version,
        lifespan=_lifespan(container, background),
        docs_url=None,
        redoc_url=None,
    )
    app.state.clock, app.state.identifiers = container.clock(), container.identifiers()
    app.fast_paths = {CHAT_PATH: lane.chat}
    install_error_handlers(app)
    app.include_router(inference_router(lane))
    app.include_router(
        models_router(container.list_models(), guard, started_at=container.lifecycle().started_at)
    )
    app.include_router(
        health_router(
            container.report_health(),
            live,
            version=settings.version,
            service=settings.service_name,
            environment=settings.platform_env,
        )
    )
    app.include_router(route_router(container.plan_route(), live, guard, container.identifiers()))
    app.include_router(
        agents_router(container.inspect_routing(), container.report_status(), guard, version=settings.version)
    )
    app.include_router(decisions_router(container.explain_decision(), container.attempts(), guard))
    app.include_router(
        optimizer_router(
            live, container.decision_log(), container.traffic(), container.report_status(), guard
        )
    )
    rule_updates = container.rule_updates()
    if rule_updates is not None:
        app.include_router(rule_updates_router(rule_updates))
    app.include_router(metrics_router(container.metrics_page(), live, guard))
    return app


def _lifespan(
    container: Container, background: Background | None
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if background is not None:
            background.start()
        container.lifecycle().serve()
        try:
            yield
        finally:
            if background is not None:
                await background.stop()
            if (policies := container.consult_policies()) is not None:
                await policies.aclose()
            await container.transport().aclose()
            container.decision_log().close()

    return lifespan
