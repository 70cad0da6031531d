"""ChatAttempt: one call to one target, from permit to ledger; the same for plain and streamed answers."""

from __future__ import annotations

from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.application.permit import Permit
from llm_gateway.domain.errors import GatewayError, Outcome, UpstreamError
from llm_gateway.domain.target import Target


class ChatAttempt:
    """`completed`, `failed`, `cut` or `cancelled` ends it, once; later calls do nothing."""

    __slots__ = ("_ledger", "_permit", "_started_ms", "_told", "_ttfb_ms", "open", "target")

    def __init__(self, ledger: ChatLedger, target: Target, permit: Permit) -> None:
        self.target = target
        self.open = True
        self._ledger = ledger
        self._permit = permit
        self._started_ms = ledger.elapsed_ms()
        self._ttfb_ms: float | None = None
        self._told = False
        ledger.attempt_started(target)

    def answered(self, connect_ms: float) -> None:
        """The first content is here (or the whole answer): time to first token is known."""
        now = self._ledger.elapsed_ms()
        self._ttfb_ms = now - self._started_ms
        self._ledger.ttft_ms = now
        self._ledger.timing.connect = connect_ms
        self._ledger.timing.first_byte = self._ttfb_ms

    def streaming(self) -> None:
        """The end is a while off: others need not wait for it to know that the target answers."""
        self._told = True
        self._permit.answered(ttft_ms=self._ttfb_ms)

    def completed(self) -> None:
        self._end("completed", status=200)

    def failed(self, error: GatewayError) -> None:
        """Nothing of the answer has reached the client."""
        if isinstance(error, UpstreamError):
            self._end(error.outcome, status=error.status, error=error.code, retry_after=error.retry_after)
        else:
            self._end("refused", error=error.code)

    def cut(self, error: UpstreamError) -> None:
        """The answer broke off after part of it had reached the client."""
        self._end("partial", status=200, error=error.code)

    def cancelled(self) -> None:
        self._end("cancelled", error="client_closed")

    def _end(
        self,
        outcome: Outcome,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        if not self.open:
            return
        self.open = False
        ttft_ms = None if self._told else self._ttfb_ms
        self._permit.finish(outcome, ttft_ms=ttft_ms, retry_after=retry_after, status=status)
        self._ledger.attempt_finished(
            self.target,
            outcome,
            started_ms=self._started_ms,
            status=status,
            error=error,
            retry_after=retry_after,
            ttfb_ms=self._ttfb_ms,
        )
