"""Who is told of finished requests, by what the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.adapters.metrics.telemetry_metrics import TelemetryMetrics
from llm_gateway.adapters.metrics.traffic import SharedTraffic
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container.telemetry import NewFeed, Telemetry, build_telemetry
from llm_gateway.entrypoints.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.price_list import FakePriceList
from tests.samples.usage_records import RECORD, usage_record

BOTH = {"telemetry_endpoint": "http://o/v1/telemetry", "costops_url": "http://c"}


def telemetry(directory: Path, **given: Any) -> Telemetry:
    new_feed = NewFeed(TelemetryMetrics(SharedCells(directory, 0)), FakeClock())
    return build_telemetry(Settings().model_copy(update=given), new_feed, FakePriceList(), None, None, None)


def queued(made: Telemetry) -> dict[str, int]:
    return {figures.sink: figures.queued for figures in made.feeds.figures()}


def test_without_settings_nobody_is_told(tmp_path: Path) -> None:
    """Not even a counter exists: what is not configured costs a request nothing."""
    made = telemetry(tmp_path)
    assert (made.listeners, made.feeds.figures()) == ((), ())
    assert SharedTraffic(tmp_path).totals().telemetry_dropped == {}


def test_each_peer_that_is_set_has_a_feed(tmp_path: Path) -> None:
    """Shown with where it sends, counted from zero."""
    made = telemetry(tmp_path, **BOTH)
    assert [(figures.sink, figures.endpoint) for figures in made.feeds.figures()] == [
        ("observatory", "http://o/v1/telemetry"),
        ("costops", "http://c/api/v1/attribution"),
    ]
    assert SharedTraffic(tmp_path).totals().telemetry_dropped == {"observatory": 0, "costops": 0}


def test_costops_is_told_only_of_what_may_have_cost(tmp_path: Path) -> None:
    """A rejected request is for Observatory alone."""
    made = telemetry(tmp_path, **BOTH)
    for record in (RECORD, usage_record(target=None, usage=None, attempts=())):
        for tell in made.listeners:
            tell(record)
    assert queued(made) == {"observatory": 2, "costops": 1}


@pytest.mark.parametrize("name", BOTH)
def test_a_url_of_no_use_is_refused(tmp_path: Path, name: str) -> None:
    """By its variable's name."""
    with pytest.raises(ConfigurationError) as caught:
        telemetry(tmp_path, **{name: "not-a-url"})
    assert caught.value.path == name.upper()
