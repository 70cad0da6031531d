"""Failures to get in are told at once, or together."""

from __future__ import annotations

import asyncio

import pytest

from llm_gateway.application.auth_failures import MOST_KINDS, AuthFailures
from tests.fakes.compliance_log import FakeComplianceLog
from tests.fakes.refusal_observer import FakeRefusalObserver


class Scene:
    def __init__(self, window: float = 1000.0) -> None:
        self.inner, self.log = FakeRefusalObserver(), FakeComplianceLog()
        self.failures = AuthFailures(self.inner, self.log, window=window)
        self.failures.start()

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        return [(a.principal, a.metadata["reason"], a.metadata["count"]) for a in self.log.actions]


async def test_the_first_is_told_at_once_and_a_flood_together() -> None:
    """By reason; all of them are passed on."""
    scene = Scene()
    for _ in range(1000):
        scene.failures.refused("unknown")
    scene.failures.refused("scope", "acme-ci")
    assert scene.counts == [("anonymous", "unknown", 1)]
    scene.failures.stop()
    assert scene.counts[1:] == [("anonymous", "unknown", 999), ("acme-ci", "scope", 1)]
    assert len(scene.inner.reasons) == 1001


async def test_a_window_ends_by_itself() -> None:
    """After a quiet one the next failure is told at once again."""
    scene = Scene(window=0.001)
    scene.failures.refused("unknown")
    scene.failures.refused("unknown")
    async with asyncio.timeout(20):
        while len(scene.counts) < 2:  # noqa: ASYNC110 - a timer
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
    scene.failures.refused("missing")
    assert scene.counts == [
        ("anonymous", "unknown", 1),
        ("anonymous", "unknown", 1),
        ("anonymous", "missing", 1),
    ]
    scene.failures.stop()


async def test_no_number_of_principals_makes_it_grow() -> None:
    """Subjects of tokens are not ours to bound."""
    scene = Scene()
    for number in range(10 * MOST_KINDS):
        scene.failures.refused("scope", f"subject-{number}")
    scene.failures.stop()
    assert len(scene.counts) == 1 + MOST_KINDS + 1
    assert sum(count for _, _, count in scene.counts) == 10 * MOST_KINDS


async def test_failures_on_threads_are_counted() -> None:
    """That is where control endpoints are guarded."""
    scene = Scene()
    await asyncio.gather(*(asyncio.to_thread(scene.failures.refused, "missing") for _ in range(20)))
    await asyncio.sleep(0)
    scene.failures.stop()
    assert sum(count for _, _, count in scene.counts) == 20


@pytest.mark.parametrize("ended", [False, True])
def test_without_a_loop_failures_are_only_passed_on(ended: bool) -> None:
    """Before it and after it."""
    inner, log = FakeRefusalObserver(), FakeComplianceLog()
    failures = AuthFailures(inner, log)
    if ended:

        async def start() -> None:
            failures.start()

        asyncio.run(start())
        failures._thread = 0  # as from another thread
    failures.refused("missing")
    assert (inner.reasons, log.actions) == (["missing"], [])
