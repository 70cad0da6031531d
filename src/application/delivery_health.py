"""DeliveryHealth: whether the event service takes records, said once per outage and once when it is over."""

from __future__ import annotations

import logging

from llm_gateway.application.ports.clock import Clock
from llm_gateway.domain.delivery_answer import DeliveryAnswer

_log = logging.getLogger("llm_gateway.audit")


class DeliveryHealth:
    """Shared by the lanes of one worker. `reachable` None: not tried; `last_success` in Unix seconds."""

    def __init__(self, url: str | None, clock: Clock) -> None:
        self.reachable: bool | None = None
        self.last_success: float | None = None
        self._url = url
        self._clock = clock

    def delivered(self) -> None:
        self.last_success = self._clock.now()
        if self.reachable is False:
            _log.info("DecisionEvents are persisted again", extra={"url": self._url})
        self.reachable = True

    def failed(self, answer: DeliveryAnswer) -> None:
        """An outage. Nothing is lost: the records stay in the spool."""
        if self.reachable is not False:
            _log.error(
                "Error: Failed to persist DecisionEvent: %s. Records are kept and sent later. "
                "Check that RUVECTOR_SERVICE_URL (%s) is right and reachable, and RUVECTOR_API_KEY.",
                _reason(answer),
                self._url,
                extra={"status": answer.status},
            )
        self.reachable = False

    def dead_letter(self, answer: DeliveryAnswer, log: str) -> None:
        """One record that the service does not take."""
        _log.error(
            "Error: Failed to persist DecisionEvent: refused for good: %s. It is kept in %s.",
            _reason(answer),
            log,
            extra={"status": answer.status},
        )


def _reason(answer: DeliveryAnswer) -> str:
    said = answer.text or "no reason given"
    return said if answer.status is None else f"HTTP {answer.status}: {said}"
