"""ChatLedger: what one request has been through so far, and what is told about it at its end."""

from __future__ import annotations

from llm_gateway.application.answer_headers import Headers, Timing, answer_headers
from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.dialect import Answer, StreamReader
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.route_inference import Routed
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.errors import Outcome, UpstreamError
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord


class ChatLedger:
    """`routed` is the latest decision. `settle` tells the observer once, however often it is called."""

    def __init__(self, call: ChatCall, clock: Clock, observer: RequestObserver, started_at: float) -> None:
        self.call = call
        self.timing = Timing()
        self.attempts: list[Attempt] = []
        self.routed: Routed | None = None
        self.upstream_ms = 0.0
        self.waited_ms = 0.0
        self.ttft_ms: float | None = None
        self._clock = clock
        self._observer = observer
        self._started_at = started_at
        self._settled = False

    def elapsed_ms(self) -> float:
        return (self._clock.monotonic() - self.call.arrived) * 1000

    def attempt_started(self, target: Target) -> None:
        self._observer.attempt_started(target)

    def attempt_finished(
        self,
        target: Target,
        outcome: Outcome,
        *,
        started_ms: float,
        status: int | None = None,
        error: str | None = None,
        retry_after: float | None = None,
        ttfb_ms: float | None = None,
    ) -> None:
        duration = self.elapsed_ms() - started_ms
        attempt = Attempt(
            target=target,
            outcome=outcome,
            started_ms=started_ms,
            duration_ms=duration,
            status=status,
            ttfb_ms=ttfb_ms,
            error=error,
            retry_after=retry_after,
        )
        self.attempts.append(attempt)
        self.upstream_ms += duration
        self._observer.attempt_finished(attempt)

    def refused(self, target: Target, error: UpstreamError) -> None:
        """The gateway itself did not let the call happen: an attempt that took no time."""
        attempt = Attempt(
            target=target,
            outcome=error.outcome,
            started_ms=self.elapsed_ms(),
            duration_ms=0.0,
            error=error.code,
            retry_after=error.retry_after,
        )
        self.attempts.append(attempt)
        self._observer.attempt_finished(attempt, started=False)

    def last_target(self) -> Target | None:
        if self.attempts:
            return self.attempts[-1].target
        return self.routed.decision.selected if self.routed is not None else None

    def made_on(self, target: Target) -> int:
        return sum(attempt.target == target for attempt in self.attempts)

    def headers(self, target: Target | None, *, streaming: Target | None = None) -> Headers:
        """`streaming` is the target of a stream that begins with these headers."""
        routed = self.routed
        if routed is None:
            return [(b"x-request-id", self.call.request_id.encode("latin-1", "replace"))]
        return answer_headers(
            request_id=self.call.request_id,
            decision_id=routed.decision_id,
            target=target,
            attempts=self.attempts,
            streaming=streaming,
            dropped=routed.decision.dropped_parameters if target is not None else (),
            timing=self.timing,
        )

    def settle(
        self,
        status: str,
        target: Target | None,
        *,
        told: Answer | StreamReader | None = None,
        error_code: str | None = None,
    ) -> None:
        """`told` is what the upstream said of its answer, as far as it came."""
        if self._settled:
            return
        self._settled = True
        routed = self.routed
        self._observer.finished(
            UsageRecord(
                decision_id=routed.decision_id if routed is not None else "",
                request_id=self.call.request_id,
                requested_model=self.call.facts.model,
                tenant=self.call.facts.tenant,
                target=target,
                streaming=self.call.hub.stream,
                status=status,
                started_at=self._started_at,
                duration_ms=self.elapsed_ms(),
                upstream_ms=self.upstream_ms,
                waited_ms=self.waited_ms,
                ttft_ms=self.ttft_ms,
                usage=None if told is None else told.usage,
                finish_reason=None if told is None else told.finish_reason,
                answering_model=None if told is None else told.model,
                error_code=error_code,
                attempts=tuple(self.attempts),
                strategy=routed.decision.strategy if routed is not None else "",
                snapshot_hash=routed.snapshot.hash if routed is not None else "",
                trace_id=self.call.trace_id,
                trace=self.call.trace,
                decide_ms=self.timing.decide,
                queued_ms=self.timing.queue,
                input_estimate=self.call.facts.input_tokens,
            )
        )
