"""TelemetryHealth: whether a telemetry peer takes what it is sent, said once per outage and at its end."""

from __future__ import annotations

import logging

from llm_gateway.application.ports.clock import Clock
from llm_gateway.domain.delivery_answer import DeliveryAnswer

_SAID_AGAIN_S = 60.0

_log = logging.getLogger("llm_gateway.telemetry")


class TelemetryHealth:
    """`reachable` None: not tried; a refusal is an answer, too. `last_success` is Unix seconds."""

    def __init__(self, sink: str, clock: Clock) -> None:
        self.reachable: bool | None = None
        self.last_success: float | None = None
        self._sink = sink
        self._clock = clock
        self._refusal_said: float | None = None

    def delivered(self) -> None:
        if self.reachable is False:
            _log.info("telemetry is delivered again", extra={"sink": self._sink})
        self.reachable = True
        self.last_success = self._clock.now()

    def failed(self, answer: DeliveryAnswer, endpoint: str | None) -> None:
        if self.reachable is not False:
            self._warn("telemetry is not delivered, and kept as far as the queue goes: %s", answer, endpoint)
        self.reachable = False

    def refused(self, answer: DeliveryAnswer, endpoint: str | None) -> None:
        """Said once a minute: there may be one for every request."""
        self.reachable = True
        now = self._clock.monotonic()
        if self._refusal_said is None or now - self._refusal_said >= _SAID_AGAIN_S:
            self._refusal_said = now
            self._warn("telemetry is refused, and dropped: %s", answer, endpoint)

    def _warn(self, message: str, answer: DeliveryAnswer, endpoint: str | None) -> None:
        said = answer.text or "no reason given"
        reason = said if answer.status is None else f"HTTP {answer.status}: {said}"
        _log.warning(message, reason, extra={"sink": self._sink, "endpoint": endpoint})
