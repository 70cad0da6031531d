"""RetryPolicy: what to do after an attempt ended, as a pure function of what is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llm_gateway.domain.errors import Outcome

Jitter = Literal["full", "equal", "none"]

# The gateway's own credential or model name was turned down; another target has another of each.
OWN_FAULT_STATUSES = frozenset({401, 403, 404})
# Some upstreams say the same with another status: a key that Google refuses is a 400 there, and so is
# missing credit at Anthropic.
OWN_FAULT_CODES = frozenset({"invalid_api_key", "insufficient_quota"})
# The same upstream has just said that it has no room: another target first, if there is one.
_NO_ROOM_STATUSES = frozenset({429, 529})
# The gateway itself kept the target from being called: asking again at once changes nothing.
LOCAL_REFUSALS = frozenset({"breaker_open", "no_probe_left", "cooldown", "bulkhead_full"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The same target again after `delay` seconds. Costs one of the retry budget."""

    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTarget:
    """The next target at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No further attempt; `reason` is one word for logs and metrics."""

    reason: str


NextStep = Retry | NextTarget | GiveUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when an attempt has ended.

    `attempts` counts those made on this target, the ended one included. `targets_left` counts fallback
    targets not tried yet. `remaining` is the time to the request's deadline and `retry_after` what the
    upstream (or the health book) asked to wait, both in seconds, None when there is none. `error` is the
    error's code. `before_content` says that a stream had begun with 200 and failed before any content.
    `client_retries` is the client SDK's own count, from `x-stainless-retry-count`.
    `budget_left` is `RetryBudget.left`.
    """

    outcome: Outcome
    status: int | None = None
    error: str | None = None
    retry_after: float | None = None
    attempts: int = 1
    targets_left: int = 0
    remaining: float | None = None
    idempotent: bool = False
    before_content: bool = False
    client_retries: int = 0
    budget_left: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`max_attempts` per target. Delays are seconds; `max_delay` bounds both the backoff and the longest
    Retry-After that is sat out. `unknown` says whether an attempt that may have run upstream goes on to
    the next target (it may be billed twice).
    """

    max_attempts: int = 3
    base_delay: float = 0.1
    max_delay: float = 5.0
    jitter: Jitter = "full"
    budget_ratio: float = 0.2
    unknown: Literal["stop", "next_target"] = "stop"

    def next_step(self, now: Situation, *, randomness: float) -> NextStep:
        """The table of outcome classes, in its order; `randomness` is uniform in 0..1.

        not_sent   the same target, then the next
        rejected   the same target, then the next; the next first when this one said when to come back
        refused    the next target for the gateway's own credential or model, else nothing
        unknown    the same target if the request is marked idempotent; the next only if configured, or when
                   it is a stream that failed before its first content
        partial, completed, cancelled   never anything
        """
        if now.outcome in ("partial", "completed", "cancelled"):
            return GiveUp(reason=now.outcome)
        if now.remaining is not None and now.remaining <= 0:
            return GiveUp(reason="deadline")
        may_move = now.targets_left > 0 and self._may_move(now)
        if may_move and self._busy(now):
            return NextTarget()
        again = self._again(now, randomness)
        if isinstance(again, GiveUp) and may_move:
            return NextTarget()
        return again

    def backoff(self, attempts: int, randomness: float) -> float:
        """Seconds before attempt `attempts + 1`: exponential, bounded, jittered.

        Full jitter is uniform in 0..cap, equal jitter in cap/2..cap (AWS Architecture Blog,
        "Exponential Backoff and Jitter", 2015).
        """
        doublings = min(max(attempts - 1, 0), 32)
        cap = min(self.max_delay, self.base_delay * 2.0**doublings)
        match self.jitter:
            case "full":
                return cap * randomness
            case "equal":
                return cap * (1 + randomness) / 2
            case "none":
                return cap

    def _may_move(self, now: Situation) -> bool:
        match now.outcome:
            case "not_sent" | "rejected":
                return True
            case "refused":
                return now.status in OWN_FAULT_STATUSES or now.error in OWN_FAULT_CODES
            case _:
                return self.unknown == "next_target" or now.before_content

    @staticmethod
    def _busy(now: Situation) -> bool:
        """Whether this target said, or the gateway knows, that it has no room just now."""
        if now.outcome == "rejected":
            return now.status in _NO_ROOM_STATUSES or bool(now.retry_after)
        return now.outcome == "not_sent" and now.error in LOCAL_REFUSALS

    def _again(self, now: Situation, randomness: float) -> Retry | GiveUp:
        if now.outcome == "refused":
            return GiveUp(reason="refused")
        if now.outcome == "unknown" and not now.idempotent:
            return GiveUp(reason="may_have_run")
        if now.client_retries > 0:
            return GiveUp(reason="client_retries")
        if now.attempts >= self.max_attempts:
            return GiveUp(reason="attempts")
        if not now.budget_left:
            return GiveUp(reason="budget")
        asked = max(now.retry_after or 0.0, 0.0)
        if asked > self.max_delay or (asked == 0 and now.error in LOCAL_REFUSALS):
            return GiveUp(reason="retry_after")
        delay = asked + self.backoff(now.attempts, randomness)
        if now.remaining is not None and delay >= now.remaining:
            return GiveUp(reason="deadline")
        return Retry(delay=delay)
