"""Permit: the leave to make one call to one target, and the duty to say how it ended."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_record import TargetRecord, Tokens


class PermitIssuer(Protocol):
    """Implemented by the health book; called by its permits only."""

    def answered(self, permit: Permit, ttft_ms: float | None) -> None: ...

    def finished(
        self,
        permit: Permit,
        outcome: Outcome,
        ttft_ms: float | None,
        retry_after: float | None,
        status: int | None,
    ) -> None: ...


class Permit:
    """From `HealthBook.begin`. `finish` must be called once, on every way out; further calls do nothing."""

    __slots__ = ("_issuer", "open", "record", "tokens")

    def __init__(self, issuer: PermitIssuer, record: TargetRecord, tokens: Tokens) -> None:
        self._issuer = issuer
        self.record = record
        self.tokens = tokens
        self.open = True

    @property
    def target(self) -> Target:
        return self.record.target

    def answered(self, *, ttft_ms: float | None = None) -> None:
        """A good answer has begun: the quota is there, and the time to first token is known.

        Optional; it spares the others a wait until a long stream that is a cooldown's probe has ended.
        """
        if self.open:
            self._issuer.answered(self, ttft_ms)

    def finish(
        self,
        outcome: Outcome,
        *,
        ttft_ms: float | None = None,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        """The call ended. `ttft_ms` milliseconds (unless `answered` gave it), `retry_after` seconds."""
        if self.open:
            self.open = False
            self._issuer.finished(self, outcome, ttft_ms, retry_after, status)
