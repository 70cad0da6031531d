"""What is recorded reaches the peer, from the beginning to the end."""

from __future__ import annotations

from llm_gateway.application.compliance_feed import ComplianceFeed
from llm_gateway.application.telemetry_feed import TelemetryFeed
from llm_gateway.domain.compliance_action import ComplianceAction
from tests.fakes.clock import FakeClock
from tests.fakes.identifiers import FakeIdentifiers
from tests.fakes.telemetry_observer import FakeTelemetryObserver
from tests.fakes.telemetry_sink import FakeTelemetrySink

ACTION = ComplianceAction(
    action="admin.action", principal="p", resource="r", outcome="success", metadata={"a": 1}
)


class Scene:
    def __init__(self) -> None:
        self.sink, self.clock = FakeTelemetrySink(batch=1), FakeClock()
        feed: TelemetryFeed[ComplianceAction] = TelemetryFeed(
            self.sink, observer=FakeTelemetryObserver(), clock=self.clock, randomness=lambda: 0.5
        )
        self.compliance = ComplianceFeed(
            feed,
            clock=self.clock,
            identifiers=FakeIdentifiers(),
            worker=3,
            state=lambda: {"version": "1.2.3"},
        )

    @property
    def told(self) -> list[str]:
        return [action.action for action in self.sink.taken]


async def test_the_end_is_the_last_that_is_told() -> None:
    """And the start the first; who runs within them begins after the one and ends before the other."""
    scene = Scene()
    scene.compliance.while_running(
        lambda: scene.compliance.record(ACTION), lambda: scene.compliance.record(ACTION)
    )
    scene.compliance.start()
    await scene.compliance.stop(5.0)
    assert scene.told == ["system.startup", "admin.action", "admin.action", "system.shutdown"]
    assert scene.sink.taken[0].metadata == {"version": "1.2.3", "worker": 3}
    assert scene.sink.closed


async def test_what_was_not_known_is_filled_in() -> None:
    """The time, an id, and the worker; what was known stays."""
    scene = Scene()
    scene.compliance.record(ACTION)
    scene.compliance.record(
        ComplianceAction(
            action="policy.denied", principal="p", resource="r", outcome="denied", execution_id="d", at=1.0
        )
    )
    scene.compliance.start()
    await scene.compliance.stop(5.0)
    first, second = scene.sink.taken[:2]
    assert first.at == scene.clock.now()
    assert first.execution_id
    assert first.metadata == {"a": 1, "worker": 3}
    assert (second.at, second.execution_id) == (1.0, "d")


async def test_its_figures_are_the_feeds() -> None:
    """For the status report."""
    scene = Scene()
    figures = scene.compliance.figures()
    assert figures is not None
    assert figures.sink == "fake"
    await scene.compliance.stop(0.0)
