"""ServiceIdentity: how this service names itself in the events it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.decision_event import check_agent_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceIdentity:
    """`phase` and `layer` come from AGENT_PHASE and AGENT_LAYER.

    Raises InvalidDecisionEvent for a version that no event could carry: at start-up, not per request.
    """

    agent_version: str
    phase: str = ""
    layer: str = ""

    def __post_init__(self) -> None:
        check_agent_version(self.agent_version)
