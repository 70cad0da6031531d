"""Exclusion: why one candidate is out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llm_gateway.domain.constraint import Constraint
from llm_gateway.domain.planned_target import PlannedTarget

Cause = Literal[
    "hint",
    "bound",
    "parameter",
    "capability",
    "context",
    "tried",
    "policy",
    "budget",
    "unavailable",
    "limit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Why one target is out. `subject` is the parameter, capability or policy that did it."""

    target: PlannedTarget
    cause: Cause
    reason: str
    subject: str | None = None
    constraint: Constraint | None = None
