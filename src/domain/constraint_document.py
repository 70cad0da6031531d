"""Constraints as the plain JSON of the DecisionEvent contract, members in sorted order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from llm_gateway.domain.constraint import (
    AvailabilityConstraint,
    CapabilityConstraint,
    Constraint,
    ModelSupportConstraint,
    PerformanceBudgetConstraint,
    PolicyConstraint,
    ProviderConstraint,
    TenantConstraint,
)
from llm_gateway.domain.exact_number import exact_number


def constraint_document(constraint: Constraint) -> dict[str, Any]:
    return _DOCUMENTS[type(constraint)](constraint)


def _policy(constraint: PolicyConstraint) -> dict[str, Any]:
    return {"effect": constraint.effect, "policy_id": constraint.policy_id, "type": "policy"}


def _provider(constraint: ProviderConstraint) -> dict[str, Any]:
    return {"provider_id": constraint.provider_id, "reason": constraint.reason, "type": "provider"}


def _capability(constraint: CapabilityConstraint) -> dict[str, Any]:
    return {"capability": constraint.capability, "satisfied": constraint.satisfied, "type": "capability"}


def _availability(constraint: AvailabilityConstraint) -> dict[str, Any]:
    return {
        "health_score": exact_number(constraint.health_score),
        "provider_id": constraint.provider_id,
        "threshold": exact_number(constraint.threshold),
        "type": "availability",
    }


def _model_support(constraint: ModelSupportConstraint) -> dict[str, Any]:
    return {
        "model_id": constraint.model_id,
        "provider_id": constraint.provider_id,
        "supported": constraint.supported,
        "type": "model_support",
    }


def _tenant(constraint: TenantConstraint) -> dict[str, Any]:
    return {
        "constraint_type": constraint.constraint_type,
        "satisfied": constraint.satisfied,
        "tenant_id": constraint.tenant_id,
        "type": "tenant",
    }


def _performance_budget(constraint: PerformanceBudgetConstraint) -> dict[str, Any]:
    return {
        "budget_type": constraint.budget_type,
        "current": exact_number(constraint.current),
        "exceeded": constraint.exceeded,
        "limit": exact_number(constraint.limit),
        "type": "performance_budget",
    }


# Each function is stored under the one class that it takes, which the type system cannot say of a dict.
_DOCUMENTS = cast(
    "Mapping[type[Constraint], Callable[[Constraint], dict[str, Any]]]",
    {
        PolicyConstraint: _policy,
        ProviderConstraint: _provider,
        CapabilityConstraint: _capability,
        AvailabilityConstraint: _availability,
        ModelSupportConstraint: _model_support,
        TenantConstraint: _tenant,
        PerformanceBudgetConstraint: _performance_budget,
    },
)
