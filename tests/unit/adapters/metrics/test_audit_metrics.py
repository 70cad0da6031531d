"""What becomes of decision records, as Prometheus sees it over all workers."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.metrics.audit_metrics import AuditMetrics
from llm_gateway.adapters.metrics.exposition import MetricsPage
from llm_gateway.adapters.metrics.shared_cells import SharedCells


def sample(page: bytes, name: str) -> float:
    (line,) = [line for line in page.decode().splitlines() if line.startswith(f"llm_gateway_audit_{name} ")]
    return float(line.split()[1])


def test_counts_and_pending_add_up_and_the_size_is_the_same_spool(tmp_path: Path) -> None:
    """Each worker has records of its own to deliver; the size is that of all of them in everybody's eyes."""
    for slot in (0, 1):
        metrics = AuditMetrics(SharedCells(tmp_path, slot))
        metrics.delivered()
        metrics.dead_lettered()
        metrics.dropped(5)
        metrics.spool(7, 1000 + slot)
    page = MetricsPage(tmp_path).render()
    names = ("delivered_total", "dead_letter_total", "dropped_total", "spool_events", "spool_bytes")
    assert [sample(page, name) for name in names] == [2, 2, 10, 14, 1001]


def test_all_are_there_before_anything_happens(tmp_path: Path) -> None:
    """An alert on a counter needs its zero."""
    AuditMetrics(SharedCells(tmp_path, 0))
    assert sample(MetricsPage(tmp_path).render(), "dropped_total") == 0
