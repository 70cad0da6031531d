"""SharedTraffic: the totals of several workers' cells."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.adapters.metrics.traffic import SharedTraffic
from llm_gateway.application.ports.traffic import ProviderTraffic, TrafficTotals
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

TARGET = Target("openai", "gpt-4o")


def worker(directory: Path, slot: int) -> PrometheusMetrics:
    made = PrometheusMetrics(SharedCells(directory, slot), "1.2.3")
    made.adopt("hash", ["openai"], ["gpt-4o"])
    return made


def record(status: str, started_at: float, duration_ms: float) -> UsageRecord:
    return UsageRecord(
        decision_id="d",
        request_id="r",
        requested_model="m",
        tenant=None,
        target=TARGET,
        streaming=False,
        status=status,
        started_at=started_at,
        duration_ms=duration_ms,
        upstream_ms=1.0,
        ttft_ms=None,
        usage=Usage(input_tokens=3, output_tokens=4),
    )


def test_nothing_has_happened(tmp_path: Path) -> None:
    """Neither a directory nor an activity."""
    assert SharedTraffic(tmp_path / "none").totals() == TrafficTotals()
    worker(tmp_path, 0)
    assert SharedTraffic(tmp_path).totals().last_activity is None


def test_the_workers_are_added_up(tmp_path: Path) -> None:
    """Errors are answers of 400 and more, cut streams and rejections; a client that left is none."""
    one, other = worker(tmp_path, 0), worker(tmp_path, 1)
    one.finished(record("200", 1000.0, 500.0))
    one.finished(record("client_closed", 1001.0, 500.0))
    other.finished(record("502", 1002.0, 500.0))
    other.finished(record("truncated", 1003.0, 500.0))
    other.route_planned(0.001, selected=False, at=1010.0)
    one.route_planned(0.001, selected=True, at=1005.0)
    totals = SharedTraffic(tmp_path).totals()
    assert (totals.requests, totals.errors, totals.timed, totals.seconds) == (6, 3, 4, 2.0)
    assert totals.last_activity == 1010.0
    assert totals.providers == {
        "openai": ProviderTraffic(requests=4, errors=2, input_tokens=12, output_tokens=16)
    }


def test_reloads_by_result(tmp_path: Path) -> None:
    """As the metric has them."""
    metrics = worker(tmp_path, 0)
    metrics.reloaded(accepted=False)
    assert SharedTraffic(tmp_path).totals().reloads == {"refused": 1}
