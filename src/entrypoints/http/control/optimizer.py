"""What the platform's optimizer polls: weights, decisions, traffic, health."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Query

from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.traffic import Traffic, TrafficTotals
from llm_gateway.application.report_status import ReportStatus
from llm_gateway.domain.decision_event import EVENT_FIELDS
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.principal import Principal
from llm_gateway.entrypoints.http.control.decisions import may_see
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.control.optimizer_answers import (
    DecisionsAnswer,
    OptimizerHealth,
    ProviderStats,
    ProviderWeight,
    RuleWeights,
    TrafficAnswer,
    WeightsAnswer,
)
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


def optimizer_router(
    live: LiveConfiguration, log: DecisionLog, traffic: Traffic, status: ReportStatus, guard: Guard
) -> APIRouter:
    may_read: Any = Depends(guard("agents:read"))
    router = APIRouter(
        prefix="/api/v1",
        tags=["optimizer"],
        dependencies=CREDENTIALS,
        responses=REFUSALS,
    )

    @router.get("/weights", dependencies=[may_read])
    async def weights() -> WeightsAnswer:
        """Weights in force, the optimizer's own changes included."""
        return _weights(live)

    @router.get("/routing/decisions")
    async def decisions(
        since: str | None = Query(default=None, description="RFC 3339, or Unix seconds"),
        limit: int = Query(default=100, ge=1, le=1000),
        principal: Principal = may_read,
    ) -> DecisionsAnswer:
        """The newest decisions of all workers; a tenant's key sees its tenant's."""
        records = await asyncio.to_thread(log.recent, since=_seconds(since), limit=limit)
        return DecisionsAnswer(
            decisions=[
                {name: record[name] for name in EVENT_FIELDS}
                for record in records
                if may_see(principal, record)
            ]
        )

    @router.get("/traffic/stats", dependencies=[may_read])
    async def traffic_stats() -> TrafficAnswer:
        """What has been asked of each provider."""
        totals = await asyncio.to_thread(traffic.totals)
        return _stats(totals)

    @router.get("/health", dependencies=[may_read])
    async def health() -> OptimizerHealth:
        """Over all workers."""
        return OptimizerHealth(status=await status.health())

    return router


def _weights(live: LiveConfiguration) -> WeightsAnswer:
    routing = live.configuration.routing
    return WeightsAnswer(
        snapshot_hash=live.current().hash,
        strategy=routing.strategy,
        providers=[
            ProviderWeight(id=account.id, weight=account.weight, priority=account.priority)
            for account in live.configuration.providers
        ],
        rules=[
            RuleWeights(name=rule.name, enabled=rule.enabled, weights=dict(rule.action.weights))
            for rule in routing.rules
        ],
    )


def _stats(totals: TrafficTotals) -> TrafficAnswer:
    return TrafficAnswer(
        requests=totals.requests,
        errors=totals.errors,
        avg_latency_ms=totals.average_ms,
        decisions=dict(totals.decisions),
        providers={name: ProviderStats(**asdict(one)) for name, one in totals.providers.items()},
    )


def _seconds(since: str | None) -> float:
    """Unix seconds; the beginning of time when nothing was said. Raises InvalidRequest."""
    if since is None:
        return 0.0
    try:
        moment = datetime.fromisoformat(since)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        try:
            seconds = float(since)
        except ValueError:
            seconds = -1.0
    if not 0 <= seconds < 2**37:
        raise InvalidRequest("since: expected RFC 3339 or Unix seconds", param="since", code="invalid_type")
    return seconds
