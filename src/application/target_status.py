"""TargetStatus: one target's health in full, for inspection."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.health_view import TargetHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStatus:
    """`cooldown_until` is Unix seconds, None when neither the target nor its quota group is cooling down.

    `last_outcome` and `last_status` are those of the call that ended last.
    """

    health: TargetHealth
    cooldown_until: float | None
    last_outcome: Outcome | None
    last_status: int | None
    provider_in_flight: int
    provider_limit: int | None
