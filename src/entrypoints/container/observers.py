"""Who is told of requests, reloads and health, in which order."""

from __future__ import annotations

import logging
from collections.abc import Callable

from llm_gateway.adapters.access_log import log_request
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.application.live_configuration import LiveConfiguration, ReloadResult
from llm_gateway.application.ports.attempt_ledger import AttemptLedger
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.record_attempts import RecordAttempts
from llm_gateway.application.tell_compliance import TellCompliance
from llm_gateway.application.tell_finished import RecordListener, TellFinished
from llm_gateway.domain.health_change import HealthChange
from llm_gateway.entrypoints.container.telemetry import Telemetry

_log = logging.getLogger("llm_gateway.configuration")


def health_events(
    *known: Callable[[HealthChange], None], compliance: TellCompliance | None = None
) -> Callable[[HealthChange], None]:
    listeners = known if compliance is None else (*known, compliance.health_changed)

    def tell(change: HealthChange) -> None:
        for listener in listeners:
            listener(change)

    return tell


def request_observer(
    live: LiveConfiguration, metrics: PrometheusMetrics, attempts: AttemptLedger, telemetry: Telemetry
) -> RequestObserver:
    """The metrics first; of finished requests also the attempts, the telemetry peers, and the access log."""
    listeners: list[RecordListener] = [RecordAttempts(attempts), *telemetry.listeners]
    if live.configuration.telemetry.access_log:
        listeners.append(log_request)
    return TellFinished(metrics, *listeners)


def reload_observer(
    metrics: PrometheusMetrics, compliance: TellCompliance | None
) -> Callable[[ReloadResult], None]:
    def observe(result: ReloadResult) -> None:
        if result.status == "unchanged":
            return
        metrics.reloaded(accepted=result.status == "accepted")
        level = logging.INFO if result.status == "accepted" else logging.ERROR
        details = {
            "trigger": result.trigger,
            "snapshot_hash": result.snapshot_hash,
            "reason": result.message,
            "needs_restart": result.needs_restart,
            "notes": result.notes,
        }
        _log.log(level, "configuration %s", result.status, extra=details)
        if compliance is not None:
            compliance.reloaded(result)

    return observe
