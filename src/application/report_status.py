"""ReportStatus: the agent's status as true figures over all workers; what is not known is None."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_gateway.application.agent_card import AGENT_TYPE, version_parts
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.application.ports.traffic import Traffic, TrafficTotals
from llm_gateway.application.ports.worker_board import WorkerNotice
from llm_gateway.application.report_health import HealthStatus
from llm_gateway.application.report_worker import ReportWorker
from llm_gateway.domain.decision_event import AGENT_ID, timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Whether an event service is configured, where the policy peers are by name, and how many workers there
    are to be."""

    ruvector: bool
    workers: int
    policies: Mapping[str, str] = field(default_factory=dict)


class ReportStatus:
    """Called by `/agents/status` and `/agents/health`. `spool_bytes` blocks: it reads a directory."""

    def __init__(
        self,
        *,
        worker: ReportWorker,
        traffic: Traffic,
        spool_bytes: Callable[[], int],
        version: str,
        peers: Peers,
    ) -> None:
        self._worker = worker
        self._traffic = traffic
        self._spool_bytes = spool_bytes
        self._version = version
        self._peers = peers

    async def health(self) -> HealthStatus:
        return _together(await self._worker.everyone())

    async def __call__(self) -> dict[str, Any]:
        """The body of `GET /agents/status`. Raises OSError."""
        workers = await self._worker.everyone()
        totals, spool_bytes = await asyncio.to_thread(lambda: (self._traffic.totals(), self._spool_bytes()))
        return {
            "agent_id": AGENT_ID,
            "agent_type": AGENT_TYPE,
            "health": _together(workers),
            "version": version_parts(self._version),
            "ready": any(notice.ready for notice in workers),
            "requests_processed": totals.requests,
            "errors": totals.errors,
            "avg_latency_ms": totals.average_ms,
            "started_at": timestamp(min(notice.started_at for notice in workers)),
            "last_activity": _time(totals.last_activity),
            "decisions": dict(totals.decisions),
            "persistence": self._persistence(workers, totals, spool_bytes),
            "telemetry": _telemetry(workers, totals),
            "policies": _policies(self._peers.policies, totals),
            "configuration": _configuration(workers, totals),
            "workers": {
                "expected": self._peers.workers,
                "reporting": len(workers),
                "each": [_worker(notice) for notice in workers],
            },
        }

    def _persistence(
        self, workers: Sequence[WorkerNotice], totals: TrafficTotals, spool_bytes: int
    ) -> dict[str, Any]:
        """`reachable`: as far as anybody has tried, nobody is in an outage."""
        configured = self._peers.ruvector
        figures = [notice.delivery for notice in workers]
        now = max(notice.published_at for notice in workers)
        known = [each.reachable for each in figures if each.reachable is not None]
        oldest = min(
            (each.oldest_pending for each in figures if each.oldest_pending is not None), default=None
        )
        return {
            "ruvector": {
                "configured": configured,
                "reachable": all(known) if known else None,
                "last_success": _time(
                    max(
                        (each.last_success for each in figures if each.last_success is not None), default=None
                    )
                ),
                "spool_depth": sum(each.pending for each in figures) if configured else None,
                "spool_bytes": spool_bytes,
                "oldest_pending_seconds": None if oldest is None else max(0.0, now - oldest),
                "delivered": totals.delivered if configured else None,
                "dead_lettered": totals.dead_lettered if configured else None,
                "dropped": sum(notice.events_dropped for notice in workers),
            }
        }


def _policies(configured: Mapping[str, str], totals: TrafficTotals) -> dict[str, Any]:
    """Counted are questions that a peer was asked, not the requests that kept verdicts were used for."""
    return {
        name: {"endpoint": endpoint, "checks": dict(totals.policy_checks.get(name, {}))}
        for name, endpoint in configured.items()
    }


def _telemetry(workers: Sequence[WorkerNotice], totals: TrafficTotals) -> dict[str, Any]:
    """Counters since the service started, whoever is configured now; the rest as the workers say it."""
    said: dict[str, list[TelemetryFigures]] = {}
    for figures in (figures for notice in workers for figures in notice.telemetry):
        said.setdefault(figures.sink, []).append(figures)
    sinks = {name: _sink(name, each, totals) for name, each in sorted(said.items())}
    return {
        "configured": bool(sinks),
        "delivered": sum(sink["delivered"] for sink in sinks.values()) if sinks else None,
        "dropped": sum(sink["dropped"] for sink in sinks.values()) if sinks else None,
        "sinks": sinks,
    }


def _sink(name: str, said: Sequence[TelemetryFigures], totals: TrafficTotals) -> dict[str, Any]:
    """`endpoint`: as the worker has it that delivered last, since each finds out for itself where it is."""
    newest = max(said, key=lambda figures: figures.last_success or 0.0)
    known = [figures.reachable for figures in said if figures.reachable is not None]
    return {
        "endpoint": newest.endpoint,
        "reachable": all(known) if known else None,
        "last_success": _time(newest.last_success),
        "queued": sum(figures.queued for figures in said),
        "delivered": totals.telemetry_delivered.get(name, 0),
        "dropped": totals.telemetry_dropped.get(name, 0),
    }


def _together(workers: Sequence[WorkerNotice]) -> HealthStatus:
    """A service whose workers differ is degraded: some requests are served, some are not."""
    states = {notice.health for notice in workers}
    return states.pop() if len(states) == 1 else "degraded"


def _configuration(workers: Sequence[WorkerNotice], totals: TrafficTotals) -> dict[str, Any]:
    """`consistent`: all workers route by the same snapshot. `last_reload` is the newest of them all."""
    hashes = {notice.snapshot_hash for notice in workers}
    newest = max(workers, key=lambda notice: notice.reload.at)
    return {
        "snapshot_hash": newest.snapshot_hash,
        "consistent": len(hashes) == 1,
        "last_reload": _reload(newest),
        "reloads": dict(totals.reloads),
    }


def _reload(notice: WorkerNotice) -> dict[str, Any]:
    last = notice.reload
    return {
        "status": last.status,
        "trigger": last.trigger,
        "at": timestamp(last.at),
        "message": last.message,
        "needs_restart": list(last.needs_restart),
        "notes": list(last.notes),
    }


def _worker(notice: WorkerNotice) -> dict[str, Any]:
    return {
        "worker": notice.worker,
        "pid": notice.pid,
        "phase": notice.phase,
        "health": notice.health,
        "ready": notice.ready,
        "started_at": timestamp(notice.started_at),
        "seen_at": timestamp(notice.published_at),
        "snapshot_hash": notice.snapshot_hash,
        "last_reload": _reload(notice),
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)
