"""The Traffic contract: what every implementation says before anything has happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.adapters.metrics.null_traffic import NullTraffic
from llm_gateway.adapters.metrics.traffic import SharedTraffic
from llm_gateway.application.ports.traffic import Traffic, TrafficTotals
from tests.fakes.traffic import FakeTraffic


@pytest.fixture(params=["fake", "null", "shared"])
def traffic(request: pytest.FixtureRequest, tmp_path: Path) -> Traffic:
    made: dict[str, Traffic] = {
        "fake": FakeTraffic(),
        "null": NullTraffic(),
        "shared": SharedTraffic(tmp_path / "metrics"),
    }
    return made[request.param]


def test_nothing_has_happened(traffic: Traffic) -> None:
    """Zeros where there is a count, None where there is nothing to measure."""
    assert traffic.totals() == TrafficTotals()
    assert traffic.totals().average_ms is None
