"""StandingVerdicts: what one policy peer has said, kept as long as it counts, so that requests need not wait.

fresh      used as it is
older      used once more while it is asked again in the background, for as long again as it was fresh
unknown    asked; equal questions at the same time are one call
no verdict what `on_failure` says, kept for a moment: a peer that is down must not cost every request
           its timeout. After a few failures in a row nobody asks at all but a probe now and then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.policy_observer import PolicyObserver
from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.domain.circuit_breaker import BreakerPolicy, CircuitBreaker
from llm_gateway.domain.policy_verdict import PolicyVerdict

_CAPACITY = 4096
_AT_ONCE = 32
_PAUSE_S = 1.0
_BREAKER = BreakerPolicy(
    failure_threshold=3, min_requests=20, window=10.0, open_for=2.0, half_open_requests=1, success_threshold=1
)
_log = logging.getLogger("llm_gateway.policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTerms:
    """`open` lets a target pass that nobody could judge, `closed` does not. `timeout` is how long a peer may
    take, `cache_ttl` how long a verdict is fresh; seconds."""

    on_failure: Literal["open", "closed"] = "open"
    timeout: float = 0.3
    cache_ttl: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`fresh_until` and `last_until` are monotonic seconds; between them it is used while it is renewed."""

    verdict: PolicyVerdict
    fresh_until: float
    last_until: float


class StandingVerdicts:
    """One for each peer and worker; bounded, so that clients cannot fill it with made-up subjects."""

    def __init__(
        self,
        peer: RoutingConstraints,
        terms: PolicyTerms,
        *,
        clock: Clock,
        observer: PolicyObserver,
        capacity: int = _CAPACITY,
        at_once: int = _AT_ONCE,
    ) -> None:
        self.peer = peer
        self.terms = terms
        self._clock = clock
        self._observer = observer
        self._capacity = capacity
        self._turns = asyncio.Semaphore(at_once)
        self._breaker = CircuitBreaker(_BREAKER)
        self._held: dict[Hashable, Standing] = {}
        self._asking: dict[Hashable, asyncio.Task[Standing]] = {}
        self._failing = False

    def on(self, question: PolicyQuestion) -> Standing | asyncio.Task[Standing] | None:
        """A task when nothing is known yet; None: there is nothing that the peer could judge.

        The task never raises. Others may wait for it as well: who awaits it shields it.
        """
        subject = self.peer.subject(question)
        if subject is None:
            return None
        now = self._clock.monotonic()
        standing = self._held.get(subject)
        if standing is not None and now < standing.last_until:
            if now >= standing.fresh_until and subject not in self._asking:
                self._ask(subject, question, now)
            return standing
        running = self._asking.get(subject) or self._ask(subject, question, now)
        if running is None:
            return Standing(verdict=self._without("not asked"), fresh_until=now, last_until=now)
        return running

    async def aclose(self) -> None:
        """Idempotent. Who still waits is cancelled."""
        running = list(self._asking.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.peer.aclose()

    def _ask(self, subject: Hashable, question: PolicyQuestion, now: float) -> asyncio.Task[Standing] | None:
        permit = self._breaker.acquire(now)
        if permit is None:
            self._observer.checked(self.peer.name, "not_asked")
            return None
        task = asyncio.get_running_loop().create_task(self._answer(subject, question, permit))
        self._asking[subject] = task
        task.add_done_callback(lambda _: self._asking.pop(subject, None))
        return task

    async def _answer(self, subject: Hashable, question: PolicyQuestion, permit: int) -> Standing:
        try:
            async with asyncio.timeout(self.terms.timeout), self._turns:
                verdict = await self.peer.judge(question)
        except TimeoutError:
            failure = ConstraintsUnavailable("timeout", f"no answer within {self.terms.timeout:g} s")
        except ConstraintsUnavailable as exc:
            failure = exc
        except Exception:
            _log.exception("bug in a policy peer's adapter", extra={"peer": self.peer.name})
            failure = ConstraintsUnavailable("malformed", "its adapter failed")
        else:
            return self._judged(subject, verdict, permit)
        return self._failed(subject, failure, permit)

    def _judged(self, subject: Hashable, verdict: PolicyVerdict, permit: int) -> Standing:
        now = self._clock.monotonic()
        self._breaker.success(permit, now)
        self._observer.checked(self.peer.name, "deny" if verdict.effect == "deny" else "allow")
        if self._failing:
            self._failing = False
            _log.info("a policy peer answers again", extra={"peer": self.peer.name})
        ttl = self.terms.cache_ttl
        return self._keep(
            subject, Standing(verdict=verdict, fresh_until=now + ttl, last_until=now + 2 * ttl), now
        )

    def _failed(self, subject: Hashable, failure: ConstraintsUnavailable, permit: int) -> Standing:
        now = self._clock.monotonic()
        self._observer.checked(self.peer.name, failure.failure)
        if failure.failure == "too_long":
            self._breaker.release(permit)
        else:
            self._breaker.failure(permit, now)
            self._say(failure)
        held = self._held.get(subject)
        if held is not None and now < held.last_until:
            again = min(now + _PAUSE_S, held.last_until)
            return self._keep(
                subject, Standing(verdict=held.verdict, fresh_until=again, last_until=held.last_until), now
            )
        substitute = self._without(str(failure))
        return self._keep(
            subject, Standing(verdict=substitute, fresh_until=now + _PAUSE_S, last_until=now + _PAUSE_S), now
        )

    def _keep(self, subject: Hashable, standing: Standing, now: float) -> Standing:
        """The oldest answer makes room: taken out first, a renewed one is among the newest again."""
        self._held.pop(subject, None)
        if now < standing.last_until:
            if len(self._held) >= self._capacity:
                del self._held[next(iter(self._held))]
            self._held[subject] = standing
        return standing

    def _without(self, why: str) -> PolicyVerdict:
        """What stands in for a verdict: its id says that no policy was looked at."""
        name, mode = self.peer.name, self.terms.on_failure
        return PolicyVerdict(
            policy_id=f"{name}:fail_{mode}",
            effect="skip" if mode == "open" else "deny",
            reason=f"{name} gave no verdict ({why})",
        )

    def _say(self, failure: ConstraintsUnavailable) -> None:
        """Once per outage."""
        if self._failing:
            return
        self._failing = True
        details = {"peer": self.peer.name, "endpoint": self.peer.endpoint, "failing": self.terms.on_failure}
        _log.warning("a policy peer gives no verdict: %s", failure, extra=details)
