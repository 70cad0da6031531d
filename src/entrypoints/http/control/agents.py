"""GET /agents, /agents/inspect, /agents/status, /agents/health."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from llm_gateway.application.agent_card import agent_card, version_parts
from llm_gateway.application.inspect_routing import InspectRouting, Parts
from llm_gateway.application.report_status import ReportStatus
from llm_gateway.domain.decision_event import AGENT_ID
from llm_gateway.entrypoints.http.control.agent_answers import (
    AgentCard,
    AgentHealth,
    AgentStatus,
    Inspection,
)
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.control.span_route import SpanRoute
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


def agents_router(inspect: InspectRouting, status: ReportStatus, guard: Guard, *, version: str) -> APIRouter:
    router = APIRouter(
        tags=["agents"],
        route_class=SpanRoute,
        responses=REFUSALS,
    )
    may_read = [*CREDENTIALS, Depends(guard("agents:read"))]

    @router.get("/agents", dependencies=may_read)
    async def agents() -> list[AgentCard]:
        """The agents that this service is."""
        return [AgentCard.model_validate(agent_card(version))]

    @router.get("/agents/inspect", dependencies=may_read, response_model_exclude_unset=True)
    async def inspection(detailed: bool = False, metrics: bool = False, health: bool = False) -> Inspection:
        """Providers, rules and settings in force, over all workers; secrets never appear."""
        parts = Parts(detailed=detailed, metrics=metrics, health=health)
        return Inspection.model_validate(await inspect(parts))

    @router.get("/agents/status", dependencies=may_read)
    async def agent_status() -> AgentStatus:
        """Figures over all workers since the service started; what cannot be known is null."""
        return AgentStatus.model_validate(await status())

    @router.get("/agents/health", responses={503: {"model": AgentHealth}})
    async def agent_health(response: Response) -> AgentHealth:
        """Healthy or not, over all workers; 503 only when unhealthy. Open, as every probe."""
        state = await status.health()
        response.status_code = 503 if state == "unhealthy" else 200
        return AgentHealth.model_validate(
            {"status": state, "agent_id": AGENT_ID, "version": version_parts(version)}
        )

    return router
