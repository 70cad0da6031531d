"""What becomes of telemetry, as Prometheus and the status see it over all workers."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.metrics.exposition import MetricsPage
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.adapters.metrics.telemetry_metrics import TelemetryMetrics
from llm_gateway.adapters.metrics.traffic import SharedTraffic


def lines(directory: Path) -> list[str]:
    page = MetricsPage(directory).render().decode().splitlines()
    return [line for line in page if line.startswith("llm_gateway_telemetry_")]


def test_the_workers_are_added_up_by_sink(tmp_path: Path) -> None:
    """Whoever sent them."""
    for slot in (0, 1):
        metrics = TelemetryMetrics(SharedCells(tmp_path, slot))
        metrics.delivered("observatory", 100)
        metrics.dropped("observatory", 3)
        metrics.delivered("costops", slot)
    totals = SharedTraffic(tmp_path).totals()
    assert totals.telemetry_delivered == {"observatory": 200, "costops": 1}
    assert totals.telemetry_dropped == {"observatory": 6}


def test_both_counters_of_a_sink_are_there_before_anything_happens(tmp_path: Path) -> None:
    """An alert on a counter needs its zero. A sink that is not configured has none."""
    TelemetryMetrics(SharedCells(tmp_path, 0)).expect("costops")
    assert lines(tmp_path) == [
        'llm_gateway_telemetry_delivered_total{sink="costops"} 0.0',
        'llm_gateway_telemetry_dropped_total{sink="costops"} 0.0',
    ]
