"""InspectRouting: the routing configuration in force and what is known of its targets, secrets left out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from llm_gateway.application.agent_card import agent_card
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.traffic import ProviderTraffic, Traffic
from llm_gateway.application.ports.worker_board import TargetNotice, WorkerNotice
from llm_gateway.application.report_worker import ReportWorker
from llm_gateway.application.show_configuration import show_configuration
from llm_gateway.domain.decision_event import timestamp

_WORST_FIRST = ("open", "half_open", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What to add to the plain inspection."""

    detailed: bool = False
    metrics: bool = False
    health: bool = False


class InspectRouting:
    """Called by `GET /agents/inspect`."""

    def __init__(
        self, *, live: LiveConfiguration, worker: ReportWorker, traffic: Traffic, version: str
    ) -> None:
        self._live = live
        self._worker = worker
        self._traffic = traffic
        self._version = version

    async def __call__(self, parts: Parts) -> dict[str, Any]:
        """The body of `GET /agents/inspect`. Raises OSError."""
        active = self._live.active
        configuration = active.configuration
        shown = show_configuration(configuration)
        workers = await self._worker.everyone()
        targets = _by_provider(workers)
        document: dict[str, Any] = {
            "agent": agent_card(self._version),
            "status": "ready" if any(notice.ready for notice in workers) else "unavailable",
            "provider_count": len(configuration.providers),
            "providers": [account.id for account in configuration.providers],
            "rule_count": len(configuration.routing.rules),
            "rules": shown["routing"]["rules"],
            "config": {
                "rules_enabled": any(rule.enabled for rule in configuration.routing.rules),
                "default_strategy": configuration.routing.strategy,
                "default_providers": list(configuration.routing.default_providers),
                "fallback": shown["routing"]["fallback"],
                "circuit_breaker": shown["resilience"]["circuit_breaker"],
                "aliases": shown["routing"]["aliases"],
                "affinity": shown["routing"]["affinity"],
            },
            "snapshot_hash": active.snapshot.hash,
        }
        if parts.detailed:
            document["providers"] = [
                _detail(account, targets.get(account.id, [])) for account in configuration.providers
            ]
        if parts.health:
            document["health"] = [
                _health(account, targets.get(account.id, [])) for account in configuration.providers
            ]
        if parts.metrics:
            totals = await asyncio.to_thread(self._traffic.totals)
            known = ((account.id, totals.providers.get(account.id)) for account in configuration.providers)
            document["metrics"] = [_metrics(provider_id, traffic) for provider_id, traffic in known]
        return document


def _by_provider(workers: Sequence[WorkerNotice]) -> dict[str, list[TargetNotice]]:
    """Every target once, as all workers together know it."""
    same: dict[str, list[TargetNotice]] = {}
    for notice in workers:
        for target in notice.targets:
            same.setdefault(target.target, []).append(target)
    found: dict[str, list[TargetNotice]] = {}
    for target_id in sorted(same):
        found.setdefault(target_id.partition("/")[0], []).append(_merged(same[target_id]))
    return found


def _merged(notices: Sequence[TargetNotice]) -> TargetNotice:
    """Breakers and cooldowns are each worker's own: the worst counts. Calls in flight add up, latencies are
    averaged over the workers that have measured one."""
    worst = min(notices, key=lambda notice: (_WORST_FIRST.index(notice.breaker), notice.available))
    latencies = [notice.latency_ms for notice in notices if notice.latency_ms is not None]
    cooldowns = [notice.cooldown_until for notice in notices if notice.cooldown_until is not None]
    return TargetNotice(
        target=worst.target,
        breaker=worst.breaker,
        available=worst.available,
        reason=worst.reason,
        score=min(notice.score for notice in notices),
        latency_ms=sum(latencies) / len(latencies) if latencies else None,
        in_flight=sum(notice.in_flight for notice in notices),
        cooldown_until=max(cooldowns, default=None),
    )


def _detail(account: ProviderAccount, targets: Sequence[TargetNotice]) -> dict[str, Any]:
    latencies = [target.latency_ms for target in targets if target.latency_ms is not None]
    return {
        "id": account.id,
        "type": account.type,
        "dialect": account.dialect,
        "base_url": account.base_url,
        "credential": account.credential_reference or None,
        "usable": account.usable,
        "models": [model.name for model in account.models],
        "unknown_models": list(account.unknown_models),
        "capabilities": sorted(account.capabilities),
        "weight": account.weight,
        "priority": account.priority,
        "quota_group": account.quota_group,
        "breaker_state": _worst_breaker(targets),
        "cooldown_until": _latest_cooldown(targets),
        "latency_ms": round(sum(latencies) / len(latencies), 3) if latencies else None,
        "in_flight": sum(target.in_flight for target in targets),
        "targets": [_target(target) for target in targets],
    }


def _target(target: TargetNotice) -> dict[str, Any]:
    return {
        "target": target.target,
        "breaker_state": target.breaker,
        "available": target.available,
        "reason": target.reason,
        "health_score": target.score,
        "cooldown_until": _time(target.cooldown_until),
        "latency_ms": None if target.latency_ms is None else round(target.latency_ms, 3),
        "in_flight": target.in_flight,
    }


def _health(account: ProviderAccount, targets: Sequence[TargetNotice]) -> dict[str, Any]:
    """`health_score` is the best of the provider's targets; null when none has been called yet."""
    down = [target for target in targets if not target.available]
    return {
        "provider_id": account.id,
        "usable": account.usable,
        "breaker_state": _worst_breaker(targets),
        "health_score": max((t.score if t.available else 0.0 for t in targets), default=None),
        "unavailable": {target.target: target.reason for target in down},
        "cooldown_until": _latest_cooldown(targets),
    }


def _metrics(provider_id: str, traffic: ProviderTraffic | None) -> dict[str, Any]:
    counted = traffic or ProviderTraffic()
    return {
        "provider_id": provider_id,
        "requests": counted.requests,
        "errors": counted.errors,
        "attempts": counted.attempts,
        "in_flight": counted.in_flight,
        "input_tokens": counted.input_tokens,
        "output_tokens": counted.output_tokens,
    }


def _worst_breaker(targets: Iterable[TargetNotice]) -> str:
    states = {target.breaker for target in targets}
    return next((state for state in _WORST_FIRST if state in states), "closed")


def _latest_cooldown(targets: Iterable[TargetNotice]) -> str | None:
    return _time(max((t.cooldown_until for t in targets if t.cooldown_until is not None), default=None))


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)
