"""CircuitBreaker: whether one target may be called now, judged by how its last calls ended."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.health_view import BreakerState
from llm_gateway.domain.sliding_window import SlidingWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """`window` and `open_for` are seconds, `failure_ratio` is 0..1, the rest are counts of calls."""

    failure_threshold: int = 5
    failure_ratio: float = 0.5
    min_requests: int = 10
    window: float = 30.0
    open_for: float = 30.0
    half_open_requests: int = 1
    success_threshold: int = 2


class CircuitBreaker:
    """closed → open → half-open → closed. Every method takes `now`, monotonic seconds.

    It opens after `failure_threshold` failures in a row without a quiet window between them, or when at
    least `min_requests` calls ended within the window and `failure_ratio` of them failed. After `open_for`
    it is half-open: `half_open_requests` probes at a time; `success_threshold` successes close it, one
    failure opens it again. A call is answered for with the permit that `acquire` gave it; one that
    was begun before the state last changed says nothing about the present and is ignored.
    `closed` is the state that needs no `now`.
    """

    __slots__ = (
        "_consecutive",
        "_generation",
        "_last_probe",
        "_policy",
        "_probes",
        "_state",
        "_successes",
        "_until",
        "_window",
        "closed",
    )

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._window = SlidingWindow(policy.window)
        self._state: BreakerState = "closed"
        self.closed = True
        self._generation = 0
        self._consecutive = 0
        self._until = 0.0
        self._probes = 0
        self._successes = 0
        self._last_probe = 0.0

    def revise(self, policy: BreakerPolicy) -> None:
        """Go on under another policy. The state stays; another window's width starts the window afresh."""
        if policy.window != self._policy.window:
            self._window = SlidingWindow(policy.window)
        self._policy = policy

    def state(self, now: float) -> BreakerState:
        if self._state == "open" and now >= self._until:
            self._enter("half_open")
        return self._state

    def allows(self, now: float) -> bool:
        """Whether `acquire` would give a permit."""
        if self.closed:
            return True
        return self.state(now) == "half_open" and self._probe_at() <= now

    def acquire(self, now: float) -> int | None:
        """A permit for one call, or None when it must not be made now.

        Exactly one of `success`, `failure` and `release` follows each permit.
        """
        if self.closed:
            return self._generation
        if not self.allows(now):
            return None
        self._probes += 1
        self._last_probe = now
        return self._generation

    def success(self, permit: int, now: float) -> None:
        """The call ran to its end: for a stream that is the last event, not the first."""
        if permit != self._generation:
            return
        if self.closed:
            self._consecutive = 0
            self._window.hit(now)
            return
        self._return_probe()
        self._successes += 1
        if self._successes >= self._policy.success_threshold:
            self._enter("closed")

    def failure(self, permit: int, now: float) -> None:
        if permit != self._generation:
            return
        if self._state == "half_open":
            self._open(now)
            return
        self._window.miss(now)
        # The window just rolled: a lone miss means that a quiet window ended whatever row there was.
        self._consecutive = 1 if self._window.total == 1 else self._consecutive + 1
        if self._consecutive >= self._policy.failure_threshold or self._too_many():
            self._open(now)

    def release(self, permit: int) -> None:
        """The call ended without saying anything about the target: a client's error, a cancellation."""
        if permit == self._generation and self._state == "half_open":
            self._return_probe()

    def retry_after(self, now: float) -> float | None:
        """Seconds until `acquire` may succeed again; None when it would now."""
        if self.allows(now):
            return None
        return (self._until if self._state == "open" else self._probe_at()) - now

    def failure_share(self, now: float) -> float:
        """0..1: failures in the window over calls in it, counting at least `min_requests` calls."""
        if self._window.misses == 0:
            return 0.0
        self._window.roll(now)
        return self._window.misses / max(self._window.total, self._policy.min_requests, 1)

    def _too_many(self) -> bool:
        total = self._window.total
        return total >= self._policy.min_requests and (
            self._window.misses >= self._policy.failure_ratio * total
        )

    def _probe_at(self) -> float:
        """When the next probe may go. A probe that takes longer than `open_for` gives up its place:

        an hour-long stream, or a caller that was lost, must not keep the target away for good.
        """
        if self._probes < self._policy.half_open_requests:
            return self._last_probe
        return self._last_probe + self._policy.open_for

    def _return_probe(self) -> None:
        self._probes = max(0, self._probes - 1)

    def _open(self, now: float) -> None:
        self._until = now + self._policy.open_for
        self._enter("open")

    def _enter(self, state: BreakerState) -> None:
        self._state = state
        self.closed = state == "closed"
        self._generation += 1
        self._probes = self._successes = self._consecutive = 0
        self._last_probe = self._until
        self._window.clear()
