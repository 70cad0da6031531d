"""SharedTraffic: the totals of every worker's cells, for the status report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from typing_extensions import override

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.exposition import Merged, merged
from llm_gateway.adapters.metrics.families import Family
from llm_gateway.application.ports.traffic import ProviderTraffic, Traffic, TrafficTotals


class SharedTraffic(Traffic):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @override
    def totals(self) -> TrafficTotals:
        cells = merged(self._directory)
        inference = [(labels, int(value)) for labels, value in _singles(cells, f.REQUESTS)]
        planned = _by_label(cells, f.ROUTE_REQUESTS)
        histograms = cells.get(f.REQUEST_SECONDS.name, {}).values()
        last = max((value for _, value in _singles(cells, f.LAST_ACTIVITY)), default=0.0)
        failed = sum(count for (_, _, status, _), count in inference if _is_error(status))
        return TrafficTotals(
            requests=sum(count for _, count in inference) + sum(planned.values()),
            errors=failed + planned.get("rejected", 0),
            timed=int(sum(sum(histogram[:-1]) for histogram in histograms)),
            seconds=sum(histogram[-1] for histogram in histograms),
            last_activity=last or None,
            delivered=_total(cells, f.AUDIT_DELIVERED),
            dead_lettered=_total(cells, f.AUDIT_DEAD_LETTERS),
            telemetry_delivered=_by_label(cells, f.TELEMETRY_DELIVERED),
            telemetry_dropped=_by_label(cells, f.TELEMETRY_DROPPED),
            policy_checks=_policy_checks(cells),
            decisions=_by_label(cells, f.DECISIONS),
            reloads=_by_label(cells, f.RELOADS),
            providers=_providers(cells),
        )


def _policy_checks(cells: Merged) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (peer, result), value in _singles(cells, f.POLICY_CHECKS):
        found.setdefault(peer, {})[result] = int(value)
    return found


def _providers(cells: Merged) -> dict[str, ProviderTraffic]:
    found: dict[str, dict[str, int]] = {}

    def add(provider_id: str, name: str, value: float) -> None:
        counts = found.setdefault(provider_id, {})
        counts[name] = counts.get(name, 0) + int(value)

    for (provider_id, _, status, _), value in _singles(cells, f.REQUESTS):
        add(provider_id, "requests", value)
        if _is_error(status):
            add(provider_id, "errors", value)
    for (provider_id, _), value in _singles(cells, f.ATTEMPTS):
        add(provider_id, "attempts", value)
    for (provider_id,), value in _singles(cells, f.IN_FLIGHT):
        add(provider_id, "in_flight", value)
    for (provider_id, _, kind), value in _singles(cells, f.TOKENS):
        if kind in ("input", "output"):
            add(provider_id, f"{kind}_tokens", value)
    return {provider_id: ProviderTraffic(**counts) for provider_id, counts in sorted(found.items())}


def _by_label(cells: Merged, family: Family) -> dict[str, int]:
    """Of a family with one label."""
    return {labels[0]: int(value) for labels, value in _singles(cells, family)}


def _total(cells: Merged, family: Family) -> int:
    return sum(int(value) for _, value in _singles(cells, family))


def _singles(cells: Merged, family: Family) -> Iterator[tuple[tuple[str, ...], float]]:
    for labels, values in cells.get(family.name, {}).items():
        yield labels, values[0]


def _is_error(status: str) -> bool:
    return status == "truncated" or (status.isdigit() and int(status) >= 400)
