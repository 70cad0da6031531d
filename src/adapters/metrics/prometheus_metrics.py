"""PrometheusMetrics: what happened, counted per target with every child bound ahead of its use."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection

from typing_extensions import override

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.families import Family
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.application.ports.refusal_observer import Refusal, RefusalObserver
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.ports.route_observer import RouteObserver
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord

OTHER = "other"
_BOOL = ("false", "true")


class PrometheusMetrics(RequestObserver, RouteObserver, RefusalObserver):
    def __init__(self, cells: SharedCells, version: str) -> None:
        self._cells = cells
        self._values = cells.values
        self._providers: frozenset[str] = frozenset()
        self._models: frozenset[str] = frozenset()
        self._bound: dict[tuple[Target | None, bool], _TargetCells] = {}
        self._decisions: dict[str, int] = {}
        self._in_flight: dict[str, int] = {}
        self._attempts: dict[tuple[str, str], int] = {}
        self._decision_seconds = cells.child(f.DECISION_SECONDS)
        self._overhead = cells.child(f.OVERHEAD_SECONDS)
        self._truncated = cells.child(f.TRUNCATED)
        self._disconnects = cells.child(f.DISCONNECTS)
        self._last_activity = cells.child(f.LAST_ACTIVITY)
        self._snapshot: int | None = None
        self._values[cells.child(f.BUILD, version)] = 1.0

    def adopt(self, snapshot_hash: str, providers: Collection[str], models: Collection[str]) -> None:
        """A new snapshot: its providers and its models are the only label values from now on."""
        self._providers = frozenset(providers)
        self._models = frozenset(models)
        self._bound.clear()
        if self._snapshot is not None:
            self._values[self._snapshot] = 0.0
        self._snapshot = self._cells.child(f.SNAPSHOT, snapshot_hash)
        self._values[self._snapshot] = 1.0

    def instance(self, name: str, revision: str) -> None:
        self._values[self._cells.child(f.INSTANCE, name, revision)] = 1.0

    def reloaded(self, *, accepted: bool) -> None:
        self._add(f.RELOADS, "accepted" if accepted else "refused")

    @override
    def refused(self, reason: Refusal, principal: str | None = None) -> None:
        self._add(f.AUTH_REFUSED, reason)

    def provider_state(self, provider_id: str, breaker: int, health: float) -> None:
        self._values[self._cells.child(f.BREAKER_STATE, provider_id)] = breaker
        self._values[self._cells.child(f.PROVIDER_HEALTH, provider_id)] = health

    @override
    def decided(self, decision: Decision, seconds: float) -> None:
        kind = decision.decision_type
        cell = self._decisions.get(kind)
        if cell is None:
            cell = self._decisions[kind] = self._cells.child(f.DECISIONS, kind)
        self._values[cell] += 1
        self._observe(self._decision_seconds, f.DECISION_SECONDS, seconds)

    @override
    def attempt_started(self, target: Target) -> None:
        self._values[self._in_flight_of(target.provider_id)] += 1

    @override
    def attempt_finished(self, attempt: Attempt, *, started: bool = True) -> None:
        provider_id = attempt.target.provider_id
        if started:
            self._values[self._in_flight_of(provider_id)] -= 1
        ended = (provider_id, attempt.outcome)
        cell = self._attempts.get(ended)
        if cell is None:
            cell = self._attempts[ended] = self._cells.child(f.ATTEMPTS, *ended)
        self._values[cell] += 1

    @override
    def fell_back(self, source: Target, to: Target, reason: str) -> None:
        self._add(f.FALLBACKS, source.provider_id, to.provider_id, reason)

    @override
    def finished(self, record: UsageRecord) -> None:
        bound = self._bound.get((record.target, record.streaming))
        if bound is None:
            bound = self._bind(record.target, record.streaming)
        values = self._values
        values[self._last_activity] = record.started_at + record.duration_ms / 1000
        values[bound.status(record.status)] += 1
        self._observe(bound.duration, f.REQUEST_SECONDS, record.duration_ms / 1000)
        overhead = (record.duration_ms - record.upstream_ms - record.waited_ms) / 1000
        self._observe(self._overhead, f.OVERHEAD_SECONDS, max(0.0, overhead))
        if record.ttft_ms is not None:
            self._observe(bound.ttft, f.TTFT_SECONDS, record.ttft_ms / 1000)
        usage = record.usage
        if usage is not None:
            values[bound.input] += usage.input_tokens
            values[bound.output] += usage.output_tokens
            if usage.cached_tokens:
                values[bound.cached] += usage.cached_tokens
            if usage.reasoning_tokens:
                values[bound.reasoning] += usage.reasoning_tokens
        if record.status == "truncated":
            values[self._truncated] += 1
        elif record.status == "client_closed":
            values[self._disconnects] += 1

    @override
    def route_planned(self, seconds: float, *, selected: bool, at: float) -> None:
        self._add(f.ROUTE_REQUESTS, "selected" if selected else "rejected")
        self._values[self._last_activity] = at

    def _in_flight_of(self, provider_id: str) -> int:
        cell = self._in_flight.get(provider_id)
        if cell is None:
            cell = self._in_flight[provider_id] = self._cells.child(f.IN_FLIGHT, provider_id)
        return cell

    def _bind(self, target: Target | None, streaming: bool) -> _TargetCells:
        provider = target.provider_id if target is not None else "none"
        model = target.model if target is not None and target.model in self._models else OTHER
        bound = _TargetCells(self._cells, provider, model, _BOOL[streaming])
        if len(self._bound) < 4096:  # unlisted model names are the client's choice: bound them all the same
            self._bound[target, streaming] = bound
        return bound

    def _add(self, family: Family, *labels: str) -> None:
        self._values[self._cells.child(family, *labels)] += 1

    def _observe(self, base: int, family: Family, value: float) -> None:
        buckets = family.buckets
        self._values[base + bisect_left(buckets, value)] += 1
        self._values[base + len(buckets) + 1] += value


class _TargetCells:
    """The cells of one (provider, model, streaming)."""

    def __init__(self, cells: SharedCells, provider: str, model: str, streaming: str) -> None:
        self._cells = cells
        self._labels = (provider, model, streaming)
        self._by_status: dict[str, int] = {}
        self.duration = cells.child(f.REQUEST_SECONDS, provider, model, streaming)
        self.ttft = cells.child(f.TTFT_SECONDS, provider, model, streaming)
        self.input, self.output, self.cached, self.reasoning = (
            cells.child(f.TOKENS, provider, model, kind)
            for kind in ("input", "output", "cached", "reasoning")
        )

    def status(self, status: str) -> int:
        index = self._by_status.get(status)
        if index is None:
            provider, model, streaming = self._labels
            index = self._cells.child(f.REQUESTS, provider, model, status, streaming)
            self._by_status[status] = index
        return index
