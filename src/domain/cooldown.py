"""Cooldown: how long the targets that share one upstream quota are left alone after a 429."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CooldownPolicy:
    """Seconds. `first` is the wait when the upstream names none; it doubles with each failed probe.

    `longest` bounds both. `probe_patience` is how long a probe keeps the others waiting: a limiter says
    no at once, so that a call which it has not turned down by then is most likely through.
    """

    first: float = 1.0
    longest: float = 3600.0
    probe_patience: float = 2.0


class Cooldown:
    """clear → cooling → probing → clear. Every method takes `now`, monotonic seconds.

    The latest deadline wins: a shorter Retry-After never ends a longer one. After the deadline one call
    at a time probes; when it gets past the limit the quota is open to all again. `name` is the quota
    group's or the target's, for those who are told; `revision` grows with every change but the
    moving of a deadline that is still to come.
    """

    __slots__ = ("_generation", "_policy", "_probe", "_strikes", "_until", "active", "name", "revision")

    def __init__(self, policy: CooldownPolicy, name: str = "") -> None:
        self._policy = policy
        self.name = name
        self.active = False
        self.revision = 0
        self._generation = 0
        self._strikes = 0
        self._until = 0.0
        self._probe: float | None = None

    @property
    def until(self) -> float:
        """The deadline; 0.0 before the first one."""
        return self._until

    def cooling(self, now: float) -> bool:
        return self.active and now < self._until

    def allows(self, now: float) -> bool:
        """Whether `acquire` would give a permit."""
        return not self.active or self._open_at() <= now

    def retry_after(self, now: float) -> float | None:
        """Seconds until `acquire` may succeed again; None when it would now."""
        return None if self.allows(now) else self._open_at() - now

    def acquire(self, now: float) -> int | None:
        """A permit for one call, or None while cooling or while another call is probing."""
        if not self.active:
            return self._generation
        if not self.allows(now):
            return None
        self._hold(now)
        return self._generation

    def limited(self, permit: int, now: float, retry_after: float | None) -> bool:
        """The call was answered with 429; `retry_after` is what the upstream asked for, in seconds.

        Anything that is not a finite number from 0 up counts as not asked for. Returns True when the
        wait was cut to `longest`. Only a call permitted since the last change makes the wait without
        Retry-After grow: the other fifty that were already under way are the same piece of news.
        """
        fresh = permit == self._generation
        if fresh:
            self._strikes += 1
        wait, bounded = self._wait(retry_after)
        was_cooling = self.cooling(now)
        self._until = max(self._until, now + wait)
        if fresh or not self.active:
            self._change(active=True)
        elif not was_cooling:
            self.revision += 1
        return bounded

    def passed(self, permit: int, now: float) -> None:
        """The call got past the limit: a probe that does so ends the cooldown.

        Unless an older call's 429 has moved the deadline on meanwhile: then the latest deadline wins.
        """
        if not self.active or permit != self._generation:
            return
        if now < self._until:
            self._hold(None)
            return
        self._strikes = 0
        self._change(active=False)

    def release(self, permit: int) -> None:
        """The call ended before the upstream's limit was asked."""
        if permit == self._generation and self._probe is not None:
            self._hold(None)

    def _wait(self, retry_after: float | None) -> tuple[float, bool]:
        longest = self._policy.longest
        if retry_after is None or math.isnan(retry_after) or retry_after < 0:
            doublings = min(max(self._strikes - 1, 0), 32)
            return min(self._policy.first * 2.0**doublings, longest), False
        return min(retry_after, longest), retry_after > longest

    def _open_at(self) -> float:
        if self._probe is None:
            return self._until
        return max(self._until, self._probe + self._policy.probe_patience)

    def _change(self, *, active: bool) -> None:
        self.active = active
        self._generation += 1
        self._hold(None)

    def _hold(self, probe: float | None) -> None:
        self._probe = probe
        self.revision += 1
