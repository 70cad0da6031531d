"""ReportProviderState: breakers and health as metrics, soon after they change."""

from __future__ import annotations

import asyncio

from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.report_provider_state import ReportProviderState
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.target import Target
from tests.fakes.configuration_stores import Scene

POLICY = BreakerPolicy(failure_threshold=2, min_requests=2, open_for=30.0)


class Watched:
    """A health book whose changes are told; `told` has the last word on each provider."""

    def __init__(self) -> None:
        scene = Scene()
        self.clock = scene.clock
        self.told: dict[str, tuple[int, float]] = {}
        self.report = ReportProviderState(scene.live, self._tell)
        self.book = HealthBook(POLICY, scene.clock, events=self.report)
        self.report.book = self.book
        self.book.adopt(scene.live.current())

    def _tell(self, provider_id: str, breaker: int, health: float) -> None:
        self.told[provider_id] = (breaker, health)

    def fail(self) -> None:
        permit = self.book.begin(Target("openai", "gpt-4o"))
        assert permit is not None
        permit.finish("rejected", status=500)


def test_every_provider_is_told_of() -> None:
    """Those that were never called count as healthy."""
    watched = Watched()
    watched.report.refresh()
    assert watched.told == {"openai": (0, 1.0), "eu.claude": (0, 1.0)}


async def test_an_opened_breaker_is_told_when_the_loop_comes_round() -> None:
    """Without waiting for anybody to ask."""
    watched = Watched()
    for _ in range(2):
        watched.fail()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert watched.told["openai"] == (2, 0.0)
    assert watched.told["eu.claude"] == (0, 1.0)


def test_what_time_changes_is_told_at_the_next_refresh() -> None:
    """An open breaker becomes half-open by itself."""
    watched = Watched()
    for _ in range(2):
        watched.fail()
    watched.clock.advance(31)
    watched.report.refresh()
    assert watched.told["openai"][0] == 1
