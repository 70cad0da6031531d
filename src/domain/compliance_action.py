"""ComplianceAction: something that an auditor is told of: who did what to what, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ActionKind = Literal[
    "auth.failure",
    "config.change",
    "policy.denied",
    "provider.health_change",
    "circuit_breaker.change",
    "admin.action",
    "system.startup",
    "system.shutdown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceAction:
    """`principal` is who did it (a key's id, a tenant, `anonymous`, a service), `resource` to what.

    `outcome`: success | failure | denied, or for a change of state the state that it came to. `metadata` is
    plain JSON: never a key, a prompt or an answer. `execution_id` and `at` (Unix seconds) are filled in by
    the log where nobody knew better.
    """

    action: ActionKind
    principal: str
    resource: str
    outcome: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    execution_id: str | None = None
    at: float | None = None
