"""Bodies of what the optimizer polls."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from llm_gateway.entrypoints.http.control.agent_answers import Health


class ProviderWeight(BaseModel):
    id: str
    weight: int
    priority: int


class RuleWeights(BaseModel):
    name: str
    enabled: bool
    weights: dict[str, int]


class WeightsAnswer(BaseModel):
    snapshot_hash: str
    strategy: str
    providers: list[ProviderWeight]
    rules: list[RuleWeights]


class DecisionsAnswer(BaseModel):
    decisions: list[dict[str, Any]] = Field(description="DecisionEvents, newest first")


class ProviderStats(BaseModel):
    requests: int
    errors: int
    attempts: int
    in_flight: int
    input_tokens: int
    output_tokens: int


class TrafficAnswer(BaseModel):
    """Since the service started, over all workers."""

    requests: int
    errors: int
    avg_latency_ms: float | None
    decisions: dict[str, int]
    providers: dict[str, ProviderStats]


class OptimizerHealth(BaseModel):
    status: Health
