"""ReportHealth: is the service healthy, and is it ready, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.domain.provider import Provider

HealthStatus = Literal["healthy", "degraded", "unhealthy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    ready: bool
    reasons: tuple[str, ...] = ()


class ReportHealth:
    """Both answers are computed from the accounts in force and what is known of their targets now."""

    def __init__(self, live: LiveConfiguration, health: HealthBook, lifecycle: Lifecycle) -> None:
        self._live = live
        self._health = health
        self._lifecycle = lifecycle

    def status(self) -> HealthStatus:
        """unhealthy: no provider can be used; degraded: some cannot, or the last reload was refused."""
        usable, unusable = self._providers()
        if not usable:
            return "unhealthy"
        if unusable or self._live.last_result.status == "refused":
            return "degraded"
        return "healthy"

    def readiness(self) -> Readiness:
        if self._lifecycle.phase != "serving":
            return Readiness(ready=False, reasons=(self._lifecycle.phase,))
        usable, unusable = self._providers()
        if usable:
            return Readiness(ready=True)
        return Readiness(
            ready=False, reasons=tuple(unusable) or ("NoHealthyProviders: no provider is configured",)
        )

    def _providers(self) -> tuple[list[str], list[str]]:
        """Ids of providers with a usable target, and a reason for each one without."""
        usable: list[str] = []
        unusable: list[str] = []
        for provider in self._live.current().providers.values():
            account = self._live.configuration.account(provider.id)
            if account is not None and not account.usable:
                unusable.append(f"{provider.id}: no API key")
            elif reason := self._down(provider):
                unusable.append(f"{provider.id}: {reason}")
            else:
                usable.append(provider.id)
        return usable, unusable

    def _down(self, provider: Provider) -> str | None:
        """Why none of the provider's listed targets may be chosen now, or None when one may."""
        view = self._health.view()
        reason: str | None = None
        for model in provider.models:
            if model.is_pattern:
                return None
            health = view.of(f"{provider.id}/{model.name}")
            if health.available:
                return None
            reason = health.reason
        return reason
