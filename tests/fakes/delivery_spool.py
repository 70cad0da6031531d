"""FakeDeliverySpool: logs in memory that wait for delivery."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.ports.delivery_spool import Backlog, DeliverySpool, SpooledLine
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.spool_position import BEGINNING, SpoolPosition


class FakeBacklog(Backlog):
    """`lines` may be added to; `saved` is the last position saved; `letters` are the dead ones."""

    def __init__(self, name: str, lines: Sequence[bytes] = ()) -> None:
        self.name = name
        self.lines = list(lines)
        self.saved = BEGINNING
        self.letters: list[tuple[bytes, DeliveryAnswer]] = []
        self.full = False
        self._at = 0

    def rewind(self) -> None:
        """To where delivery stopped, as whoever opens a log does."""
        self._at = self.saved.offset

    def end(self) -> SpoolPosition:
        return SpoolPosition(1, len(self.lines))

    def count(self, end: SpoolPosition) -> int:
        return end.offset - self._at

    def read(self, limit: int) -> Sequence[SpooledLine]:
        start, self._at = self._at, min(self._at + limit, len(self.lines))
        return [
            SpooledLine(line=line, end=SpoolPosition(1, place))
            for place, line in enumerate(self.lines[start : self._at], start=start + 1)
        ]

    def save(self, position: SpoolPosition) -> None:
        self.saved = position

    def dead_letter(self, line: bytes, answer: DeliveryAnswer, *, attempts: int, at: float) -> None:
        if self.full:
            raise OSError("disk full")
        self.letters.append((line, answer))


class FakeDeliverySpool(DeliverySpool):
    """`orphans` are adopted at the next look; `released` are the names of those given back."""

    def __init__(self, own: FakeBacklog | None = None) -> None:
        self.mine = own or FakeBacklog("worker-0")
        self.orphans: list[FakeBacklog] = []
        self.released: list[str] = []

    def own(self) -> FakeBacklog:
        self.mine.rewind()
        return self.mine

    def adopt(self) -> Sequence[Backlog]:
        adopted, self.orphans = self.orphans, []
        return adopted

    def release(self, backlog: Backlog) -> None:
        self.released.append(backlog.name)
