"""TelemetryHealth: whether a telemetry peer takes what it is sent, said once per outage and at its end."""

from __future__ import annotations

import logging

from llm_gateway.application.ports.clock import Clock
from llm_gateway.domain.delivery_answer import DeliveryAnswer

_SAID_AGAIN_S = 60.0
_OUTAGE = "telemetry is not delivered, and kept as far as the queue goes: %s"
_REFUSAL = "telemetry is refused, and dropped: %s"

_log = logging.getLogger("llm_gateway.telemetry")


class TelemetryHealth:
    """`reachable` None: not tried; a refusal is an answer, too. `last_success` is Unix seconds.

    Each kind of trouble is said once a minute at most: there may be one with every call.
    """

    def __init__(self, sink: str, clock: Clock) -> None:
        self.reachable: bool | None = None
        self.last_success: float | None = None
        self._sink = sink
        self._clock = clock
        self._outage_said = False
        self._said_at: dict[str, float] = {}

    def delivered(self) -> None:
        if self._outage_said:
            self._outage_said = False
            _log.info("telemetry is delivered again", extra={"sink": self._sink})
        self.reachable = True
        self.last_success = self._clock.now()

    def failed(self, answer: DeliveryAnswer, endpoint: str | None) -> None:
        if self.reachable is not False and self._warn(_OUTAGE, answer, endpoint):
            self._outage_said = True
        self.reachable = False

    def refused(self, answer: DeliveryAnswer, endpoint: str | None) -> None:
        self.reachable = True
        self._warn(_REFUSAL, answer, endpoint)

    def _warn(self, message: str, answer: DeliveryAnswer, endpoint: str | None) -> bool:
        now = self._clock.monotonic()
        if now - self._said_at.get(message, -_SAID_AGAIN_S) < _SAID_AGAIN_S:
            return False
        self._said_at[message] = now
        said = answer.text or "no reason given"
        reason = said if answer.status is None else f"HTTP {answer.status}: {said}"
        _log.warning(message, reason, extra={"sink": self._sink, "endpoint": endpoint})
        return True
