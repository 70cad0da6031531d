"""DeliveryQueue: which record is sent next, and what an answer means for it; no clock, no I/O.

An internal error (500) is ambiguous: an outage, or a record that the service cannot take. It counts against
the record only if others have got through since; when nothing gets through it is an outage, and nothing is
given up in an outage.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.spool_position import SpoolPosition

Outcome = Literal["delivered", "kept", "dead_letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """Delays in seconds. `strikes` is how many ambiguous answers a record may get while others pass; `window`
    how many records may wait in the queue; `reach` how far others may get ahead of one that holds out."""

    concurrency: int = 8
    window: int = 256
    reach: int = 20_000
    strikes: int = 5
    base_delay: float = 0.5
    max_delay: float = 30.0

    def delay(self, failures: int, randomness: float) -> float:
        """Doubles with each failure; the upper half of it is left to chance, so that workers spread."""
        limit = min(self.max_delay, self.base_delay * 2.0 ** min(failures - 1, 30))
        return limit * (0.5 + randomness / 2)


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One record on its way. `passed` is how many others had got through when it last had its chance."""

    line: bytes
    end: SpoolPosition
    state: Literal["waiting", "under_way", "settled"] = "waiting"
    attempts: int = 0
    strikes: int = 0
    unexplained: int = 0
    passed: int | None = None
    retry_at: float = 0.0


class DeliveryQueue:
    """The records of one log, in its order. Times are seconds of any monotonic clock."""

    def __init__(self, policy: DeliveryPolicy) -> None:
        self.outage = False
        self.under_way = 0
        self._policy = policy
        self._entries: deque[Delivery] = deque()
        self._unsettled: dict[Delivery, None] = {}  # in order, without those that an older one holds up
        self._passed = 0
        self._probe: Delivery | None = None
        self._probe_at = 0.0
        self._failed_probes = 0

    def __len__(self) -> int:
        """Records that are not settled."""
        return len(self._unsettled)

    @property
    def room(self) -> int:
        return min(self._policy.window - len(self._unsettled), self._policy.reach - len(self._entries))

    @property
    def oldest(self) -> Delivery | None:
        return self._entries[0] if self._entries else None

    def add(self, line: bytes, end: SpoolPosition) -> None:
        entry = Delivery(line=line, end=end)
        self._entries.append(entry)
        self._unsettled[entry] = None

    def start(self, now: float) -> Delivery | None:
        """The next record to send now, the oldest first; None when all have to wait."""
        if self.under_way >= (1 if self.outage else self._policy.concurrency):
            return None
        chosen = self._next_probe(now) if self.outage else self._next_due(now)
        if chosen is None:
            return None
        if chosen.passed is None:
            chosen.passed = self._passed
        chosen.state = "under_way"
        chosen.attempts += 1
        self.under_way += 1
        return chosen

    def wakes_at(self) -> float | None:
        """When `start` may give something by the passing of time alone; None: not before the next event."""
        if self.under_way >= (1 if self.outage else self._policy.concurrency):
            return None
        waiting = (entry.retry_at for entry in self._unsettled if entry.state == "waiting")
        if self.outage:
            return None if next(waiting, None) is None else self._probe_at
        return min(waiting, default=None)

    def answered(self, entry: Delivery, answer: DeliveryAnswer, now: float, randomness: float) -> Outcome:
        """What becomes of the record. A dead letter stays under way until `set_aside` or `keep`."""
        was_probe, self._probe = self._probe is entry, None if self._probe is entry else self._probe
        if answer.meaning == "permanent":
            self._reached()
            return "dead_letter"
        if answer.meaning == "delivered":
            self._passed += 1
            self._reached()
            self.set_aside(entry)
            return "delivered"
        if answer.meaning == "ambiguous" and self._is_its_own_fault(entry):
            entry.passed = self._passed
            entry.strikes += 1
            if entry.strikes >= self._policy.strikes:
                return "dead_letter"
            self.keep(entry, now + self._policy.delay(entry.strikes, randomness))
            return "kept"
        if answer.meaning == "ambiguous":
            entry.unexplained += 1
            self.keep(entry, now + self._policy.delay(entry.unexplained, randomness))
            if self.under_way and not self.outage:
                return "kept"  # the answers of those under way will tell
        else:
            self.keep(entry, now)
        self._out(was_probe, answer.retry_after or 0.0, now, randomness)
        return "kept"

    def set_aside(self, entry: Delivery) -> None:
        """Settled: delivered, or safe among the dead letters."""
        entry.state, entry.line = "settled", b""
        del self._unsettled[entry]
        self.under_way -= 1

    def keep(self, entry: Delivery, retry_at: float) -> None:
        """Not settled: to be sent again, not before `retry_at`."""
        entry.state, entry.retry_at = "waiting", retry_at
        self.under_way -= 1

    def settled(self) -> SpoolPosition | None:
        """Takes out the settled records from the oldest on; where the last of them ends, None without any."""
        end = None
        while self._entries and self._entries[0].state == "settled":
            end = self._entries.popleft().end
        return end

    def _is_its_own_fault(self, entry: Delivery) -> bool:
        """Others got through since its last chance; or did before, and now it keeps more from being read."""
        holds_up = entry.strikes > 0 and len(self._entries) >= self._policy.reach
        return holds_up or (entry.passed is not None and self._passed > entry.passed)

    def _next_due(self, now: float) -> Delivery | None:
        due = (entry for entry in self._unsettled if entry.state == "waiting" and entry.retry_at <= now)
        return next(due, None)

    def _next_probe(self, now: float) -> Delivery | None:
        """One at a time; a record with unexplained errors gives way to others, so that one of them tells."""
        if now < self._probe_at:
            return None
        waiting = (entry for entry in self._unsettled if entry.state == "waiting")
        self._probe = min(waiting, key=lambda entry: entry.unexplained, default=None)
        return self._probe

    def _reached(self) -> None:
        self.outage = False
        self._failed_probes = 0

    def _out(self, was_probe: bool, retry_after: float, now: float, randomness: float) -> None:
        if self.outage and not was_probe:
            return  # sent before the outage was known
        self.outage = True
        self._failed_probes += 1
        delay = self._policy.delay(self._failed_probes, randomness)
        self._probe_at = now + max(delay, min(retry_after, self._policy.max_delay))
