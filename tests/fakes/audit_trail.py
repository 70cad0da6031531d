"""FakeAuditTrail: chains of lines in a dict, for a test to break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm_gateway.adapters.decision_log.chain import Chain, hashed_part
from llm_gateway.application.ports.audit_trail import AuditTrail, TrailLine
from tests.samples.decisions import record


class FakeAuditTrail(AuditTrail):
    """`sealed` gives a sound chain of that many records."""

    def __init__(self, **chains: list[TrailLine]) -> None:
        self._chains = chains

    def chains(self) -> Sequence[str]:
        return tuple(self._chains)

    def lines(self, chain: str) -> Iterator[TrailLine]:
        return iter(self._chains[chain])


def sealed(count: int) -> list[TrailLine]:
    chain = Chain()
    parts = [hashed_part(chain.seal(record())) for _ in range(count)]
    return [TrailLine(place=f"f:{n}", body=body, hash=hash) for n, (body, hash) in enumerate(parts, start=1)]
