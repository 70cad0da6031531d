"""Decision: the router's result, with the reason for each candidate that was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from llm_gateway.domain.constraint import Constraint
from llm_gateway.domain.target import Target
from llm_gateway.domain.value import value

DecisionType = Literal["route_select", "route_fallback", "route_reject"]

StepAction = Literal[
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingStep:
    """One step of the way: `phase` such as `resolve`, `match`, `filter`, `order`; `details` in words."""

    phase: str
    action: StepAction
    details: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A target that was considered. `excluded` is the reason that left it out, else None.

    `via` says what made it a candidate: `alias:fast`, `explicit`, `model`, `rule:<name>`, `default`.
    """

    target: Target
    via: str
    weight: int
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why nothing was selected. `code` is the error code that the client sees."""

    code: Literal[
        "model_not_found",
        "no_healthy_providers",
        "unsupported_parameter",
        "context_length_exceeded",
        "rate_limit_exceeded",
        "gateway_overloaded",
        "policy_denied",
    ]
    message: str
    param: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """Each 0..1; `overall` is the geometric mean √(rule_match × availability)."""

    rule_match: float
    availability: float
    overall: float


@value
class Decision:
    """`selected` is None exactly when `rejection` is not.

    `fallback` lists the next targets in order. `add_headers` come from the matched rules and travel to
    the upstream. `dropped_parameters` are those that the selected target cannot honour and that
    configuration allows to drop. `text` belongs to decision_text.py.
    """

    decision_type: DecisionType
    selected: Target | None
    fallback: tuple[Target, ...]
    strategy: str
    matched_rules: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    candidates: tuple[Candidate, ...]
    steps: tuple[RoutingStep, ...]
    confidence: Confidence
    model_transformed: bool
    rejection: Rejection | None = None
    add_headers: tuple[tuple[str, str], ...] = ()
    dropped_parameters: tuple[str, ...] = ()
    text: object = field(default=None, init=False, repr=False, compare=False)
