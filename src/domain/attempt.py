"""Attempt: one call to one target, as it ended."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.target import Target
from llm_gateway.domain.value import value

_LONGEST_TARGET = 200


@value
class Attempt:
    """Times are milliseconds: `started_ms` since the request arrived, `ttfb_ms` from this attempt's start to
    the first byte of the answer. `status` is the upstream's, None when there was none; `error` the code
    of the error it ended with; `retry_after` the seconds that the upstream asked for.
    """

    target: Target
    outcome: Outcome
    started_ms: float
    duration_ms: float
    status: int | None = None
    ttfb_ms: float | None = None
    error: str | None = None
    retry_after: float | None = None

    def as_record(self) -> dict[str, str | int | float | None]:
        """Plain JSON, every field present; times rounded to the microsecond."""
        return {
            "target": self.target.id,
            "provider": self.target.provider_id,
            "model": self.target.model,
            "outcome": self.outcome,
            "status": self.status,
            "started_ms": round(self.started_ms, 3),
            "duration_ms": round(self.duration_ms, 3),
            "ttfb_ms": None if self.ttfb_ms is None else round(self.ttfb_ms, 3),
            "error": self.error,
            "retry_after": self.retry_after,
        }

    def brief(self) -> str:
        """`openai/gpt-4o=rejected:429`, or `openai/gpt-4o=not_sent` when there was no status.

        Whatever could end the element (`;`, `=`, `,`, spaces, non-ASCII) is percent-encoded: the model may
        be a name that a client wrote.
        """
        name = _quoted(self.target)
        return f"{name}={self.outcome}" if self.status is None else f"{name}={self.outcome}:{self.status}"


def attempts_header(attempts: Iterable[Attempt], streaming: Target | None = None) -> str:
    """The value of `x-gateway-attempts`: one element per attempt in order, separated by `;`.

    The number of attempts is the number of elements: there are two in
    `openai/gpt-4o=rejected:429;anthropic/claude=completed:200`. `streaming` is the target of a stream that
    has just begun: its outcome is not known while the header is written, so its element says `streaming`.
    """
    elements = [attempt.brief() for attempt in attempts]
    if streaming is not None:
        elements.append(f"{_quoted(streaming)}=streaming")
    return ";".join(elements)


@lru_cache(maxsize=1024)
def _quoted(target: Target) -> str:
    return quote(target.id[:_LONGEST_TARGET], safe="/:@.-_~+*!$")
