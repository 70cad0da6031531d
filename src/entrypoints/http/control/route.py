"""POST /agents/route and /agents/route/audit: decide, execute nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from llm_gateway.application.answer_headers import header_text
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.plan_route import PlannedRoute, PlanRoute
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.principal import Principal
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.control.route_answers import (
    AuditedRouteAnswer,
    RouteAnswer,
    request_schema,
)
from llm_gateway.entrypoints.http.control.route_body import read_route_body
from llm_gateway.entrypoints.http.control.span_route import SpanRoute
from llm_gateway.entrypoints.http.error_answer import ErrorAnswer, error_response
from llm_gateway.entrypoints.http.inference.request_body import ClientGone, read_body
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


class RouteEndpoint:
    """What both endpoints do before they differ in what they show."""

    def __init__(
        self, plan: PlanRoute, live: LiveConfiguration, identifiers: Identifiers, guard: Guard
    ) -> None:
        self._plan = plan
        self._live = live
        self._guard = guard
        self._identifiers = identifiers

    async def __call__(
        self, request: Request, principal: Principal, show: Callable[[PlannedRoute], Response]
    ) -> Response:
        headers = RequestHeaders(request.scope["headers"])
        limit = self._live.configuration.server.max_body
        try:
            body = read_route_body(await read_body(request.receive, headers.content_length(), limit))
        except ClientGone:
            raise InvalidRequest("the client left before its request was complete") from None
        asked = body.asked
        request_id = asked.request_id or headers.request_id() or self._identifiers.uuid7()
        snapshot = self._live.current()
        planned = await self._plan(
            body.facts(
                snapshot,
                tenant=self._tenant(principal, asked.tenant, headers.get(b"x-tenant-id")),
                headers=headers.text(snapshot.header_names),
            ),
            request_id=request_id,
            trace_id=headers.trace_id(),
            dry_run=asked.dry_run,
            caller=principal,
            hub=body.hub(),
        )
        error = planned.error
        response = show(planned) if error is None else error_response(error)
        response.headers["x-request-id"] = request_id
        response.headers["x-decision-id"] = planned.routed.decision_id
        selected = planned.routed.decision.selected
        if selected is not None:
            response.headers["x-gateway-provider"] = selected.provider_id
            response.headers["x-gateway-model"] = header_text(selected.model)
        return response

    def _tenant(self, principal: Principal, asked: str | None, named: bytes | None) -> str | None:
        """The body's tenant before the header's; each takes a key that may speak for it."""
        return self._guard.tenant(principal, named) if asked is None else principal.speaks_for(asked)


def route_router(
    plan: PlanRoute, live: LiveConfiguration, guard: Guard, identifiers: Identifiers
) -> APIRouter:
    router = APIRouter(
        tags=["agents"],
        route_class=SpanRoute,
        dependencies=CREDENTIALS,
        responses={**REFUSALS, **{status: {"model": ErrorAnswer} for status in (404, 413, 415, 429, 503)}},
    )
    endpoint = RouteEndpoint(plan, live, identifiers, guard)
    may_write: Any = Depends(guard("agents:write"))
    extra = {"requestBody": request_schema()}

    @router.post("/agents/route", response_model=RouteAnswer, openapi_extra=extra)
    async def route(request: Request, principal: Principal = may_write) -> Response:
        """Where a request would go. `dry_run` leaves no event and moves no counter."""
        return await endpoint(request, principal, _plain)

    @router.post("/agents/route/audit", response_model=AuditedRouteAnswer, openapi_extra=extra)
    async def audit(request: Request, principal: Principal = may_write) -> Response:
        """The same with the DecisionEvent that was emitted."""
        return await endpoint(request, principal, _audited)

    return router


def _plain(planned: PlannedRoute) -> Response:
    answer = RouteAnswer.model_validate(planned.document())
    return Response(answer.model_dump_json(), media_type="application/json")


def _audited(planned: PlannedRoute) -> Response:
    answer = AuditedRouteAnswer.model_validate(
        {"output": planned.output(), "decision_event": planned.event()}
    )
    return Response(answer.model_dump_json(), media_type="application/json")
