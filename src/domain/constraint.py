"""The constraint variants of the DecisionEvent contract: only those that were really evaluated are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConstraint:
    policy_id: str
    effect: Literal["allow", "deny", "modify", "skip"]
    type: Literal["policy"] = field(default="policy", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConstraint:
    provider_id: str
    reason: str
    type: Literal["provider"] = field(default="provider", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityConstraint:
    capability: str
    satisfied: bool
    type: Literal["capability"] = field(default="capability", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityConstraint:
    provider_id: str
    health_score: float
    threshold: float
    type: Literal["availability"] = field(default="availability", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSupportConstraint:
    model_id: str
    provider_id: str
    supported: bool
    type: Literal["model_support"] = field(default="model_support", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantConstraint:
    tenant_id: str
    constraint_type: str
    satisfied: bool
    type: Literal["tenant"] = field(default="tenant", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceBudgetConstraint:
    budget_type: str
    limit: float
    current: float
    exceeded: bool
    type: Literal["performance_budget"] = field(default="performance_budget", init=False)


Constraint = (
    PolicyConstraint
    | ProviderConstraint
    | CapabilityConstraint
    | AvailabilityConstraint
    | ModelSupportConstraint
    | TenantConstraint
    | PerformanceBudgetConstraint
)
