"""TellFinished and what it forwards."""

from __future__ import annotations

from typing import Any

from llm_gateway.application.tell_finished import TellFinished
from llm_gateway.domain.usage_record import UsageRecord
from tests.samples.decisions import SELECT
from tests.samples.usage_records import ATTEMPT, RECORD, TARGET


class Told:
    """Remembers the name of every call."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: self.names.append(name)


def test_everything_is_passed_on() -> None:
    """Metrics see what they would see alone."""
    told = Told()
    observer = TellFinished(told)
    observer.decided(SELECT, 0.1)
    observer.attempt_started(TARGET)
    observer.attempt_finished(ATTEMPT)
    observer.fell_back(TARGET, TARGET, "rejected")
    observer.finished(RECORD)
    assert told.names == ["decided", "attempt_started", "attempt_finished", "fell_back", "finished"]


def test_every_listener_has_the_record() -> None:
    """After the one that is wrapped, in the order given."""
    first: list[UsageRecord] = []
    second: list[UsageRecord] = []
    TellFinished(Told(), first.append, second.append).finished(RECORD)
    assert (first, second) == ([RECORD], [RECORD])
