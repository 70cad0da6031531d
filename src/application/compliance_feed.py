"""ComplianceFeed: a ComplianceLog that hands what it is told to a peer, from a process's start to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.application.telemetry_feed import TelemetryFeed
from llm_gateway.domain.compliance_action import ActionKind, ComplianceAction

GATEWAY: Final = "llm-inference-gateway"


def _nothing() -> None:
    pass


class ComplianceFeed(ComplianceLog):
    """One for each worker. `worker` is in the metadata of every action: what all workers see, such as a file
    that has changed, each of them tells. `state` is what a start and an end are told with."""

    def __init__(
        self,
        feed: TelemetryFeed[ComplianceAction],
        *,
        clock: Clock,
        identifiers: Identifiers,
        worker: int,
        state: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._identifiers = identifiers
        self._worker = worker
        self._state = state
        self._start: Callable[[], None] = _nothing
        self._end: Callable[[], None] = _nothing

    def while_running(self, start: Callable[[], None], end: Callable[[], None]) -> None:
        """Someone who records and has a beginning and an end: called within this one's."""
        self._start, self._end = start, end

    @override
    def record(self, action: ComplianceAction) -> None:
        self._feed.offer(
            replace(
                action,
                at=self._clock.now() if action.at is None else action.at,
                execution_id=action.execution_id or self._identifiers.uuid7(),
                metadata={**action.metadata, "worker": self._worker},
            )
        )

    def start(self) -> None:
        """Inside the running loop."""
        self._feed.start()
        self._say("system.startup")
        self._start()

    async def stop(self, seconds: float) -> None:
        """The end is told, too, and everything sent for at most that long."""
        self._end()
        self._say("system.shutdown")
        await self._feed.stop(seconds)

    def figures(self) -> TelemetryFigures | None:
        return self._feed.figures()

    def _say(self, action: ActionKind) -> None:
        self.record(
            ComplianceAction(
                action=action,
                principal=GATEWAY,
                resource=GATEWAY,
                outcome="success",
                metadata=self._state(),
            )
        )
