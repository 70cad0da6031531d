"""FakeIdentifiers: UUIDv7s that count up from a given time."""

from __future__ import annotations

from llm_gateway.application.ports.identifiers import Identifiers


class FakeIdentifiers(Identifiers):
    """`made` holds every id handed out."""

    def __init__(self, *, unix: float = 1_700_000_000.0) -> None:
        self.made: list[str] = []
        self._milliseconds = int(unix * 1000)

    def uuid7(self) -> str:
        text = f"{self._milliseconds:012x}7000{0x8000000000000000 + len(self.made):016x}"
        self.made.append(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
        return self.made[-1]
