"""ChatRetries: what follows a failed attempt of a request, within its deadline and the retry budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.execution_policy import ExecutionPolicy
from llm_gateway.application.route_inference import Routed
from llm_gateway.domain.errors import DeadlineExceeded, GatewayError, UpstreamError, UpstreamTimeout
from llm_gateway.domain.retry_budget import RetryBudget
from llm_gateway.domain.retry_policy import GiveUp, NextStep, Retry, Situation
from llm_gateway.domain.target import Target


class ChatRetries:
    """`randomness` is uniform in 0..1, for the jitter."""

    def __init__(
        self,
        *,
        policy: ExecutionPolicy,
        budget: RetryBudget,
        health: HealthBook,
        clock: Clock,
        randomness: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._budget = budget
        self._health = health
        self._clock = clock
        self._randomness = randomness

    def next_step(
        self, call: ChatCall, ledger: ChatLedger, routed: Routed, target: Target, error: UpstreamError
    ) -> NextStep:
        """A Retry has been taken out of the budget."""
        now = self._clock.monotonic()
        situation = Situation(
            outcome=error.outcome,
            status=error.status,
            error=error.code,
            retry_after=self._wait_asked(target, error),
            before_content=error.before_content,
            attempts=ledger.made_on(target),
            targets_left=len(routed.decision.fallback),
            remaining=self.remaining(call),
            idempotent=call.idempotent,
            client_retries=call.client_retries,
            budget_left=self._budget.left(now),
        )
        policy, randomness = self._policy.retry(), self._randomness()
        step = policy.next_step(situation, randomness=randomness)
        if isinstance(step, Retry):
            self._budget.spend(now)
        elif isinstance(step, GiveUp) and situation.targets_left == 0:
            # Where it would have gone on, the router has the last word: its rejection is the event that
            # says that the targets are exhausted.
            step = policy.next_step(replace(situation, targets_left=1), randomness=randomness)
        return step

    def told(self, call: ChatCall, error: UpstreamError) -> GatewayError:
        """What the client is told: the last upstream error, unless it was the client's own limit."""
        remaining = self.remaining(call)
        cut_short = isinstance(error, UpstreamTimeout) and error.phase == "total"
        if cut_short and remaining is not None and remaining <= 0:
            return DeadlineExceeded("the request's deadline passed before an answer was there")
        return error

    def remaining(self, call: ChatCall) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if call.deadline is None else call.deadline - self._clock.monotonic()

    async def wait(self, seconds: float, call: ChatCall, ledger: ChatLedger) -> None:
        """Raises DeadlineExceeded at once when the wait would not end in time.

        Time that is waited on purpose is nobody's share.
        """
        remaining = self.remaining(call)
        if remaining is not None and seconds >= remaining:
            raise DeadlineExceeded("the request's deadline passes before the next attempt")
        began = ledger.elapsed_ms()
        try:
            await asyncio.sleep(seconds)
        finally:
            ledger.waited_ms += ledger.elapsed_ms() - began

    def _wait_asked(self, target: Target, error: UpstreamError) -> float | None:
        """What the upstream asked for, or what is left of the cooldown that it brought, if longer."""
        health = self._health.view().of(target.id)
        waits = [error.retry_after, None if health.available else health.retry_after]
        return max((wait for wait in waits if wait is not None), default=None)
