"""Bodies of the `/agents` endpoints other than routing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Health = Literal["healthy", "degraded", "unhealthy"]
Breaker = Literal["closed", "open", "half_open"]


class Version(BaseModel):
    major: int
    minor: int
    patch: int


class Endpoint(BaseModel):
    method: str
    path: str
    description: str


class AgentCard(BaseModel):
    id: str
    agent_type: str
    description: str
    version: Version
    capabilities: list[str]
    endpoints: list[Endpoint]


class AgentHealth(BaseModel):
    status: Health
    agent_id: str
    version: Version


class TargetState(BaseModel):
    target: str
    breaker_state: Breaker
    available: bool
    reason: str | None
    health_score: float
    cooldown_until: str | None
    latency_ms: float | None = Field(description="EWMA of the time to the first token")
    in_flight: int


class ProviderDetail(BaseModel):
    """Over all workers: the worst breaker, the latest cooldown, the calls of all."""

    id: str
    type: str
    dialect: str
    base_url: str
    credential: str | None = Field(description="Where the credential comes from, never the credential")
    usable: bool
    models: list[str]
    unknown_models: list[str] = Field(
        description="Of the models, those whose window and prices are known from the configuration only"
    )
    capabilities: list[str]
    weight: int
    priority: int
    quota_group: str | None
    breaker_state: Breaker
    cooldown_until: str | None
    latency_ms: float | None
    in_flight: int
    targets: list[TargetState]


class ProviderHealth(BaseModel):
    provider_id: str
    usable: bool
    breaker_state: Breaker
    health_score: float | None = Field(description="0 to 1, null when no target has been called yet")
    unavailable: dict[str, str | None] = Field(description="Targets that may not be called now, and why")
    cooldown_until: str | None


class ProviderMetrics(BaseModel):
    provider_id: str
    requests: int
    errors: int
    attempts: int
    in_flight: int
    input_tokens: int
    output_tokens: int


class RouterConfig(BaseModel):
    rules_enabled: bool
    default_strategy: str
    default_providers: list[str]
    fallback: dict[str, Any]
    circuit_breaker: dict[str, Any]
    aliases: dict[str, list[str]]
    affinity: list[str]


class Inspection(BaseModel):
    agent: AgentCard
    status: Literal["ready", "unavailable"]
    provider_count: int
    providers: list[str] | list[ProviderDetail] = Field(description="Ids; objects with `detailed=true`")
    rule_count: int
    rules: list[dict[str, Any]]
    config: RouterConfig
    snapshot_hash: str
    health: list[ProviderHealth] | None = Field(default=None, description="With `health=true`")
    metrics: list[ProviderMetrics] | None = Field(default=None, description="With `metrics=true`")


class Ruvector(BaseModel):
    configured: bool
    reachable: bool | None
    last_success: str | None
    spool_depth: int | None
    spool_bytes: int
    oldest_pending_seconds: float | None
    delivered: int | None
    dead_lettered: int | None
    dropped: int = Field(description="Decision records that could not be kept, over all workers")


class Persistence(BaseModel):
    ruvector: Ruvector


class TelemetrySink(BaseModel):
    endpoint: str
    reachable: bool | None
    last_success: str | None
    queued: int
    delivered: int
    dropped: int = Field(description="Its queue was full, or it did not take them")


class Telemetry(BaseModel):
    """Over all workers and, at the top, over all sinks; null when none is configured."""

    configured: bool
    delivered: int | None
    dropped: int | None
    sinks: dict[str, TelemetrySink]


class PolicyPeer(BaseModel):
    endpoint: str
    checks: dict[str, int] = Field(description="Questions by what came of them, over all workers")


class LastReload(BaseModel):
    status: Literal["accepted", "unchanged", "refused"]
    trigger: str
    at: str
    message: str | None = Field(description="Why it was refused")
    needs_restart: list[str]
    notes: list[str]


class ConfigurationState(BaseModel):
    snapshot_hash: str
    consistent: bool = Field(description="All workers route by the same snapshot")
    last_reload: LastReload
    reloads: dict[str, int] = Field(description="By result, over all workers")


class WorkerState(BaseModel):
    worker: int
    pid: int
    phase: Literal["starting", "serving", "draining"]
    health: Health
    ready: bool
    started_at: str
    seen_at: str
    snapshot_hash: str
    last_reload: LastReload


class Workers(BaseModel):
    expected: int
    reporting: int
    each: list[WorkerState]


class AgentStatus(BaseModel):
    agent_id: str
    agent_type: str
    health: Health
    version: Version
    ready: bool
    requests_processed: int
    errors: int = Field(description="Answers of status 400 and more, rejections, cut streams")
    avg_latency_ms: float | None = Field(description="Of inference requests; null before the first one")
    started_at: str
    last_activity: str | None
    decisions: dict[str, int] = Field(description="By decision type")
    persistence: Persistence
    telemetry: Telemetry
    policies: dict[str, PolicyPeer] = Field(description="The policy peers that are configured")
    configuration: ConfigurationState
    workers: Workers
