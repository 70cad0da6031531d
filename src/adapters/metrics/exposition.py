"""Exposition: every worker's cells merged and written in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from llm_gateway.adapters.metrics.families import FAMILIES, Family
from llm_gateway.adapters.metrics.shared_cells import read_all

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Merged = dict[str, dict[tuple[str, ...], list[float]]]


class MetricsPage:
    """Implements the metrics page: `render()` reads all workers' files of a directory."""

    content_type = CONTENT_TYPE

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_AllWorkers(directory))

    def render(self) -> bytes:
        return generate_latest(self._registry)

    def totals(self) -> Merged:
        """Merged cells by family name and label values."""
        return merged(self._directory)


class _AllWorkers(Collector):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        children = merged(self._directory)
        for family in FAMILIES:
            yield _metric(family, children.get(family.name, {}))


def merged(directory: Path) -> Merged:
    result: Merged = {}
    for family, labels, cells in read_all(directory):
        children = result.setdefault(family.name, {})
        known = children.get(labels)
        if known is None:
            children[labels] = cells
        elif family.merge == "max":
            children[labels] = [max(a, b) for a, b in zip(known, cells, strict=True)]
        else:
            children[labels] = [a + b for a, b in zip(known, cells, strict=True)]
    return result


def _metric(family: Family, children: dict[tuple[str, ...], list[float]]) -> Metric:
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(family.name, family.help, labels=family.labels)
        for labels, cells in sorted(children.items()):
            bounds = [*(str(bound) for bound in family.buckets), "+Inf"]
            histogram.add_metric(labels, list(zip(bounds, accumulate(cells[:-1]), strict=True)), cells[-1])
        return histogram
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(family.name, family.help, labels=family.labels)
    for labels, cells in sorted(children.items()):
        # A snapshot that is no longer in force and a build that no longer runs leave a zero behind.
        if cells[0] or not family.name.endswith("_info"):
            metric.add_metric(labels, cells[0])
    return metric
