"""Bodies of `/agents/route`, for validation of answers and for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from llm_gateway.domain.capability import Capability

Action = Literal[
    "resolve_model",
    "select_provider",
    "evaluate_constraint",
    "filter_provider",
    "fallback",
    "apply_policy",
    "check_health",
    "verify_capability",
    "estimate_cost",
    "finalize",
]


class Hints(BaseModel):
    preferred_providers: list[str] | None = None
    excluded_providers: list[str] | None = None
    max_latency_tier: int | None = None
    optimize_cost: bool | None = None


class ProviderConstraints(BaseModel):
    preferred_providers: list[str] | None = None
    excluded_providers: list[str] | None = None


class RouteByChat(BaseModel):
    """A whole chat request: decided exactly as `/v1/chat/completions` would."""

    request: dict[str, Any]
    tenant_id: str | None = None
    hints: Hints | None = None
    request_id: str | None = None
    dry_run: bool | None = None


class RouteByContract(BaseModel):
    """The routing contract's own form."""

    request_id: str
    model_requested: str
    tenant_id: str | None = None
    headers: dict[str, str] | None = None
    provider_constraints: ProviderConstraints | None = None
    fallback_enabled: bool | None = None
    priority: str | int | None = None
    required_capabilities: list[Capability] | None = None
    max_latency_ms: int | None = None
    cost_budget: str | float | None = Field(default=None, description="US dollars for this request")
    dry_run: bool | None = None


class RouteByModel(BaseModel):
    """A model and little else."""

    model: str
    request_id: str | None = None
    tenant: str | None = None
    tenant_id: str | None = None
    fallback: bool | None = None
    fallback_enabled: bool | None = None
    priority: str | int | None = None
    context: dict[str, Any] | None = Field(default=None, description="Metadata that rules may look at")
    dry_run: bool | None = None


class DecisionInfo(BaseModel):
    matched_rules: list[str]
    strategy: str
    confidence: float
    latency_us: int = Field(description="How long deciding took")


class Step(BaseModel):
    phase: str
    action: Action
    details: str | None = None


class RouteOutput(BaseModel):
    provider_id: str
    model: str
    headers: dict[str, str] = Field(description="Headers that a rule adds, their values masked")
    decision: DecisionInfo
    model_transformed: bool
    routing_path: list[Step]
    fallback_providers: list[str]
    estimated_latency_ms: float | None = Field(description="Measured time to the first token, null if never")
    estimated_cost: float | None = Field(description="US dollars, null when the price or the size is unknown")


class RouteAnswer(BaseModel):
    model_config = ConfigDict(protected_namespaces=())

    output: RouteOutput
    decision_id: str = Field(description="The event's execution_ref")
    confidence: float
    dry_run: bool


class AuditedRouteAnswer(BaseModel):
    output: RouteOutput
    decision_event: dict[str, Any] | None = Field(description="Null for a dry run, which emits none")


def request_schema() -> dict[str, Any]:
    """The request body as an OpenAPI `requestBody`."""
    shapes: list[type[BaseModel]] = [RouteByChat, RouteByContract, RouteByModel]
    # Inlined rather than referenced: the document's own components do not know these names.
    schemas = [_inlined(shape.model_json_schema()) for shape in shapes]
    return {"required": True, "content": {"application/json": {"schema": {"oneOf": schemas}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rpartition("/")[2]])
        return {key: resolve(value) for key, value in node.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved
