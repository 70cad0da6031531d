"""Probes: /health, /live, /ready and their `z` forms, by GET or HEAD. Always open."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.report_health import ReportHealth


class HealthAnswer(BaseModel):
    status: Literal["healthy", "degraded", "unhealthy"]
    version: str
    service: str
    environment: Literal["dev", "staging", "prod"]
    snapshot_hash: str = Field(description="SHA-256 of the routing configuration in force")


class LiveAnswer(BaseModel):
    status: Literal["alive"] = "alive"


class ReadyAnswer(BaseModel):
    ready: bool
    reasons: list[str] = Field(description="Why not, empty when ready")


def health_router(
    report: ReportHealth,
    live: LiveConfiguration,
    *,
    version: str,
    service: str,
    environment: Literal["dev", "staging", "prod"],
) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.head("/healthz", include_in_schema=False)
    @router.head("/health", include_in_schema=False)
    @router.get("/healthz", include_in_schema=False)
    @router.get("/health", responses={503: {"model": HealthAnswer}})
    async def health(response: Response) -> HealthAnswer:
        """Service health; 503 only when unhealthy."""
        status = report.status()
        response.status_code = 503 if status == "unhealthy" else 200
        return HealthAnswer(
            status=status,
            version=version,
            service=service,
            environment=environment,
            snapshot_hash=live.current().hash,
        )

    @router.head("/livez", include_in_schema=False)
    @router.head("/live", include_in_schema=False)
    @router.get("/livez", include_in_schema=False)
    @router.get("/live")
    async def alive() -> LiveAnswer:
        """200 as long as the process turns its loop."""
        return LiveAnswer()

    @router.head("/readyz", include_in_schema=False)
    @router.head("/ready", include_in_schema=False)
    @router.get("/readyz", include_in_schema=False)
    @router.get("/ready", responses={503: {"model": ReadyAnswer}})
    async def ready(response: Response) -> ReadyAnswer:
        """200 when a provider is usable and start-up is complete; 503 with reasons, also while draining."""
        readiness = report.readiness()
        response.status_code = 200 if readiness.ready else 503
        return ReadyAnswer(ready=readiness.ready, reasons=list(readiness.reasons))

    return router
