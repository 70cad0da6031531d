"""FakeDecisionLog: a DecisionLog that keeps the records themselves, for a test to look at."""

from __future__ import annotations

import json

from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.hash_chain import GENESIS, link


class FakeDecisionLog(DecisionLog):
    """`records` in the order appended; `flushes` counts the calls; `full` is the test's to set."""

    full = False

    def __init__(self) -> None:
        self.dropped = 0
        self.flushes = 0
        self.records: list[DecisionRecord] = []
        self._stored: list[StoredRecord] = []
        self._closed = False

    def append(self, record: DecisionRecord) -> None:
        if self._closed:
            self.dropped += 1
            return
        head = self._stored[-1]["hash"] if self._stored else GENESIS
        try:
            body = record.text(sequence=len(self._stored) + 1, prev_hash=head).encode()
        except ValueError:
            self.dropped += 1
            return
        self.records.append(record)
        self._stored.append({**json.loads(body), "hash": link(head, body)})

    def flush(self) -> None:
        self.flushes += 1

    def find(self, decision_id: str) -> StoredRecord | None:
        return next((record for record in self._stored if record["execution_ref"] == decision_id), None)

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        newest_first = reversed(self._stored)
        return [record for record in newest_first if record["timestamp"] >= timestamp(since)][:limit]

    def close(self) -> None:
        self._closed = True
