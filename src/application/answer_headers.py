"""The `x-…` headers that every inference answer carries, and the timing beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from llm_gateway.domain.attempt import Attempt, attempts_header
from llm_gateway.domain.target import Target

Headers = list[tuple[bytes, bytes]]
_SAFE = "/:@.-_~+*!$ ,=;()[]"


class Timing:
    """Milliseconds of each phase for `server-timing` (W3C Server Timing), in the order they happen."""

    __slots__ = ("connect", "decide", "first_byte", "queue", "translate")

    def __init__(self) -> None:
        self.queue = 0.0
        self.decide = 0.0
        self.connect = 0.0
        self.first_byte = 0.0
        self.translate = 0.0

    def header(self) -> bytes:
        return (
            f"queue;dur={self.queue:.3f}, decide;dur={self.decide:.3f}, connect;dur={self.connect:.3f}, "
            f"first-byte;dur={self.first_byte:.3f}, translate;dur={self.translate:.3f}"
        ).encode()


def answer_headers(
    *,
    request_id: str,
    decision_id: str,
    target: Target | None = None,
    attempts: Iterable[Attempt] = (),
    streaming: Target | None = None,
    dropped: Sequence[str] = (),
    timing: Timing | None = None,
) -> Headers:
    headers = [
        (b"x-request-id", request_id.encode("latin-1", "replace")),
        (b"x-decision-id", decision_id.encode()),
    ]
    if target is not None:
        headers.append((b"x-gateway-provider", target.provider_id.encode()))
        headers.append((b"x-gateway-model", header_text(target.model).encode()))
    ledger = attempts_header(attempts, streaming)
    if ledger:
        headers.append((b"x-gateway-attempts", ledger.encode()))
    if dropped:
        headers.append((b"x-gateway-dropped-params", ", ".join(dropped).encode()))
    if timing is not None:
        headers.append((b"server-timing", timing.header()))
    return headers


def header_text(text: str) -> str:
    """A model name may be anything a client wrote: percent-encoded where a header could not hold it."""
    return text if text.isascii() and text.isprintable() else quote(text, safe=_SAFE)
