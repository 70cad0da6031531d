"""HealthChange: one change of state in the health book, for metrics and governance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """`subject` is a target id (breaker), a quota group or target id (cooldown), a provider id (bulkhead).

    breaker:  closed | open | half_open
    cooldown: clear | cooling
    bulkhead: free | full
    """

    kind: Literal["breaker", "cooldown", "bulkhead"]
    subject: str
    before: str
    after: str
