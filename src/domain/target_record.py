"""TargetRecord: everything the gateway has learned about one target from calling it."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from llm_gateway.domain.circuit_breaker import BreakerPolicy, CircuitBreaker
from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy
from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.health_view import BreakerState, TargetHealth
from llm_gateway.domain.provider_load import ProviderLoad
from llm_gateway.domain.retry_policy import OWN_FAULT_STATUSES
from llm_gateway.domain.target import Target

Evidence = Literal["success", "failure", "neutral"]

# Seconds. What was told of a wait is at most this old: `retry_after`, and which of several waits comes first.
RETRY_AFTER_RESOLUTION = 0.5
_SPENT = -1
# Weight of the newest sample in the latency average: the last ten calls make up nine tenths of it.
_NEWEST = 0.2
# Statuses of `rejected` that tell of load or of this one request, not of a broken target.
_NOT_THE_TARGET = frozenset({409, 425, 429})


class Tokens(NamedTuple):
    """The permits of one call; `group` is the cooldown it was permitted by, which a reload may replace."""

    breaker: int
    own: int
    group: Cooldown | None
    in_group: int

    def spent(self) -> Tokens:
        """Only the breaker still waits for the end: the cooldowns have been told."""
        return Tokens(self.breaker, _SPENT, self.group, _SPENT)


def evidence(outcome: Outcome, status: int | None) -> Evidence:
    """What an attempt's end says about its target.

    completed                              success
    partial, unknown, not_sent, rejected   failure; neutral for 409, 425 and 429 (the cooldown's business)
    refused                                failure for 401, 403, 404: the gateway's own credential or model;
                                           otherwise the client's error, neutral
    cancelled                              neutral
    """
    match outcome:
        case "completed":
            return "success"
        case "refused":
            return "failure" if status in OWN_FAULT_STATUSES else "neutral"
        case "cancelled":
            return "neutral"
        case _:
            return "neutral" if status in _NOT_THE_TARGET else "failure"


class TargetRecord:
    """Breaker, cooldowns, load and latency of one target. Every method takes `now`, monotonic seconds.

    A 429 cools `group` (the targets of one quota group share it) or, without one, the target alone; any
    other rejection that names a Retry-After cools the target alone.
    """

    __slots__ = (
        "breaker",
        "group",
        "id",
        "in_flight",
        "last_outcome",
        "last_status",
        "latency_ms",
        "load",
        "own",
        "target",
        "window",
    )

    def __init__(
        self,
        target: Target,
        load: ProviderLoad,
        *,
        policy: BreakerPolicy,
        cooldown: CooldownPolicy,
        group: Cooldown | None = None,
    ) -> None:
        self.target = target
        self.id = target.id
        self.load = load
        self.breaker = CircuitBreaker(policy)
        self.own = Cooldown(cooldown, target.id)
        self.group = group
        self.window = policy.window
        self.in_flight = 0
        self.latency_ms: float | None = None
        self.last_outcome: Outcome | None = None
        self.last_status: int | None = None

    def revise(self, policy: BreakerPolicy) -> None:
        self.window = policy.window
        self.breaker.revise(policy)

    def blocked(self, now: float) -> str | None:
        """Why `acquire` would give no permit: the first that holds, as `TargetHealth.reason` names it."""
        breaker, group, load = self.breaker, self.group, self.load
        if not breaker.closed and not breaker.allows(now):
            return "breaker_open" if breaker.state(now) == "open" else "no_probe_left"
        if self.own.active and not self.own.allows(now):
            return "cooldown"
        if group is not None and group.active and not group.allows(now):
            return "cooldown"
        return "bulkhead_full" if load.limit is not None and load.in_flight >= load.limit else None

    def acquire(self, now: float) -> Tokens | None:
        """Permits for one call, all or none; the call is in flight until `settle`."""
        group = self.group
        if self.blocked(now) is not None:
            return None
        self.in_flight += 1
        self.load.in_flight += 1
        return Tokens(
            self.breaker.acquire(now) or 0,
            self.own.acquire(now) or 0,
            group,
            0 if group is None else group.acquire(now) or 0,
        )

    def answered(self, tokens: Tokens, now: float) -> Tokens:
        """The upstream has begun a good answer: its limits let the call through."""
        self._pass(tokens, now)
        return tokens.spent()

    def measured(self, ttft_ms: float) -> None:
        """Time to first token of one call, milliseconds, into the moving average. Nonsense is left out."""
        if 0.0 <= ttft_ms < math.inf:
            old = self.latency_ms
            self.latency_ms = ttft_ms if old is None else old + _NEWEST * (ttft_ms - old)

    def settle(
        self, tokens: Tokens, now: float, outcome: Outcome, status: int | None, retry_after: float | None
    ) -> bool:
        """The call ended. Returns True when the Retry-After was so long that it was cut."""
        self.in_flight -= 1
        self.load.in_flight -= 1
        self.last_outcome, self.last_status = outcome, status
        match evidence(outcome, status):
            case "success":
                self.breaker.success(tokens.breaker, now)
            case "failure":
                self.breaker.failure(tokens.breaker, now)
            case "neutral":
                self.breaker.release(tokens.breaker)
        if status == 429 or (outcome == "rejected" and retry_after is not None):
            return self._limit(tokens, now, status, retry_after)
        if self.own.active or (tokens.group is not None and tokens.group.active):
            if outcome in ("completed", "partial", "refused"):
                self._pass(tokens, now)
            else:
                self._release(tokens)
        return False

    def health(self, now: float) -> TargetHealth:
        """`score` = state × (1 − failures / max(calls in the window, min_requests)).

        State is 1 closed, ½ half-open, 0 open or cooling; a full bulkhead says nothing about health and
        leaves the score alone. `reason` is the first that holds of breaker_open, no_probe_left, cooldown,
        bulkhead_full; `retry_after` is the longest of theirs.
        """
        reason = self.blocked(now)
        if reason is None and self.breaker.closed:
            score = 1.0 - self.breaker.failure_share(now)
            return TargetHealth(score=score, latency_ms=self.latency_ms, in_flight=self.in_flight)
        state = self.breaker.state(now)
        return TargetHealth(
            breaker=state,
            available=reason is None,
            reason=reason,
            score=self._score(now, state, reason),
            latency_ms=self.latency_ms,
            in_flight=self.in_flight,
            retry_after=None if reason is None else max(self._waits(now), default=None),
        )

    def wake(self, now: float, health: TargetHealth) -> float | None:
        """When the health that was just told is out of date although nothing happened; None for never."""
        if health.retry_after is not None:
            return now + min(health.retry_after, RETRY_AFTER_RESOLUTION)
        return now + self.window / 10 if self.breaker.failure_share(now) > 0 else None

    def cooling_for(self, now: float) -> float | None:
        """Seconds until the later of the target's and its group's cooldown ends."""
        ends = [c.until - now for c in (self.own, self.group) if c is not None and c.cooling(now)]
        return max(ends, default=None)

    def _score(self, now: float, state: BreakerState, reason: str | None) -> float:
        if state == "open" or reason == "cooldown":
            return 0.0
        return (0.5 if state == "half_open" else 1.0) * (1.0 - self.breaker.failure_share(now))

    def _waits(self, now: float) -> list[float]:
        waits = [self.breaker.retry_after(now), self.own.retry_after(now)]
        if self.group is not None:
            waits.append(self.group.retry_after(now))
        return [wait for wait in waits if wait is not None]

    def _limit(self, tokens: Tokens, now: float, status: int | None, retry_after: float | None) -> bool:
        if status == 429 and tokens.group is not None:
            self.own.release(tokens.own)
            return tokens.group.limited(tokens.in_group, now, retry_after)
        if tokens.group is not None:
            tokens.group.release(tokens.in_group)
        return self.own.limited(tokens.own, now, retry_after)

    def _pass(self, tokens: Tokens, now: float) -> None:
        self.own.passed(tokens.own, now)
        if tokens.group is not None:
            tokens.group.passed(tokens.in_group, now)

    def _release(self, tokens: Tokens) -> None:
        self.own.release(tokens.own)
        if tokens.group is not None:
            tokens.group.release(tokens.in_group)
