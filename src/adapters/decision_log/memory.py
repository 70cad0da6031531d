"""MemoryDecisionLog: the last records of this process, sealed like those on disk."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice, takewhile

import msgspec

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.decision_record import DecisionRecord


class MemoryDecisionLog(DecisionLog):
    """Keeps `capacity` lines; letting the oldest go is its purpose and does not count as dropped."""

    full = False

    def __init__(self, capacity: int = 10_000) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._chain = Chain()
        self._lines: OrderedDict[str, bytes] = OrderedDict()
        self._closed = False

    def append(self, record: DecisionRecord) -> None:
        if self._closed:
            self.dropped += 1
            return
        try:
            self._lines[record.decision_id] = self._chain.seal(record)
        except ValueError:
            self.dropped += 1
            return
        if len(self._lines) > self._capacity:
            self._lines.popitem(last=False)

    def flush(self) -> None:
        pass

    def find(self, decision_id: str) -> StoredRecord | None:
        line = self._lines.get(decision_id)
        return None if line is None else msgspec.json.decode(line, type=StoredRecord)

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        earliest = timestamp(since)
        newest_first = (
            msgspec.json.decode(line, type=StoredRecord) for line in reversed(tuple(self._lines.values()))
        )
        return list(islice(takewhile(lambda record: record["timestamp"] >= earliest, newest_first), limit))

    def close(self) -> None:
        self._closed = True
