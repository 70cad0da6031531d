"""TelemetryHealth: what is said of a peer, and how often."""

from __future__ import annotations

import logging

import pytest

from llm_gateway.application.telemetry_health import TelemetryHealth
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from tests.fakes.clock import FakeClock

AWAY = DeliveryAnswer(meaning="outage", text="nobody there")


def test_a_peer_that_comes_and_goes_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """Each outage that is said has its end said, and no other."""
    clock = FakeClock()
    health = TelemetryHealth("observatory", clock)
    with caplog.at_level(logging.INFO, "llm_gateway.telemetry"):
        for pause in (1.0, 1.0, 60.0, 1.0):
            health.failed(AWAY, "http://o")
            health.delivered()
            clock.advance(pause)
    words = [line.getMessage().partition(",")[0] for line in caplog.records]
    assert words == ["telemetry is not delivered", "telemetry is delivered again"] * 2


def test_what_is_known_of_a_peer() -> None:
    """Nothing at first; a refusal is an answer; the last success stays."""
    clock = FakeClock()
    health = TelemetryHealth("costops", clock)
    assert (health.reachable, health.last_success) == (None, None)
    health.failed(AWAY, None)
    assert health.reachable is False
    health.refused(DeliveryAnswer(meaning="permanent", status=400), None)
    assert (health.reachable, health.last_success) == (True, None)
    health.delivered()
    assert health.last_success == clock.now()
