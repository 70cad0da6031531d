"""GET /v1/decisions/{decision_id}: a recent decision, explained."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from llm_gateway.application.explain_decision import ExplainDecision
from llm_gateway.application.ports.attempt_ledger import AttemptLedger
from llm_gateway.domain.errors import NotFound
from llm_gateway.domain.principal import Principal
from llm_gateway.entrypoints.http.control.guard import Guard
from llm_gateway.entrypoints.http.error_answer import ErrorAnswer
from llm_gateway.entrypoints.http.openapi_document import CREDENTIALS, REFUSALS


class AttemptAnswer(BaseModel):
    target: str
    provider: str
    model: str
    outcome: str
    status: int | None
    started_ms: float
    duration_ms: float
    ttfb_ms: float | None
    error: str | None
    retry_after: float | None


class DecisionAnswer(BaseModel):
    decision_event: dict[str, Any]
    explanation: dict[str, Any] | None = Field(
        description="Every candidate in order with its verdict and reason; null when the configuration of "
        "the time is no longer archived"
    )
    exact: bool | None = Field(description="Deciding again gave the same bytes")
    attempts: list[AttemptAnswer] | None = Field(
        description="The calls made for it, null when no worker remembers them any more or none were made"
    )


def decisions_router(explain: ExplainDecision, attempts: AttemptLedger, guard: Guard) -> APIRouter:
    router = APIRouter(
        tags=["agents"],
        dependencies=CREDENTIALS,
        responses={**REFUSALS, 404: {"model": ErrorAnswer}},
    )

    may_read: Any = Depends(guard("agents:read"))

    @router.get("/v1/decisions/{decision_id}")
    async def decision(decision_id: str, principal: Principal = may_read) -> DecisionAnswer:
        """The DecisionEvent, why each candidate was or was not taken, and the calls that followed."""
        explained, made = await asyncio.to_thread(lambda: (explain(decision_id), attempts.find(decision_id)))
        if not may_see(principal, explained.record):
            raise NotFound(f"decision {decision_id} is not in the local log", param="decision_id")
        return DecisionAnswer.model_validate({**explained.document(), "attempts": made})

    return router


def may_see(principal: Principal, record: dict[str, Any]) -> bool:
    """A tenant's key sees its tenant's decisions, and does not learn which others there are."""
    if principal.tenant is None or principal.may("admin"):
        return True
    return bool(record["replay"]["facts"]["tenant"] == principal.tenant)
