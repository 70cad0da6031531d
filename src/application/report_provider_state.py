"""ReportProviderState: breakers and health per provider, told as they change and as time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.domain.health_change import HealthChange

_BREAKER = {"closed": 0, "half_open": 1, "open": 2}


class ReportProviderState:
    """`tell(provider_id, breaker, health)`: 0 closed, 1 half-open, 2 open, the worst of the provider's
    targets; health 0..1, the best of them."""

    def __init__(self, live: LiveConfiguration, tell: Callable[[str, int, float], None]) -> None:
        self._live = live
        self._tell = tell
        self._scheduled = False
        self.book: HealthBook | None = None

    def __call__(self, change: HealthChange) -> None:
        """From within the book, which is in the middle of a change: told when the loop comes round again."""
        if self._scheduled:
            return
        try:
            asyncio.get_running_loop().call_soon(self._soon)
        except RuntimeError:
            return  # no loop yet: the first refresh is still to come
        self._scheduled = True

    def _soon(self) -> None:
        self._scheduled = False
        self.refresh()

    def refresh(self) -> None:
        """Tell of every provider in force. Targets that were never called count as healthy."""
        if self.book is None:
            return
        targets = self.book.view().targets
        worst: dict[str, int] = {}
        best: dict[str, float] = {}
        for target_id, health in targets.items():
            provider_id = target_id.partition("/")[0]
            worst[provider_id] = max(worst.get(provider_id, 0), _BREAKER[health.breaker])
            score = health.score if health.available else 0.0
            best[provider_id] = max(best.get(provider_id, 0.0), score)
        for provider_id in self._live.current().providers:
            self._tell(provider_id, worst.get(provider_id, 0), best.get(provider_id, 1.0))
