"""Permit."""

from __future__ import annotations

from llm_gateway.application.permit import Permit, PermitIssuer
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import CooldownPolicy
from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.provider_load import ProviderLoad
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_record import TargetRecord


class Issuer(PermitIssuer):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def answered(self, permit: Permit, ttft_ms: float | None) -> None:
        self.told.append(ttft_ms)

    def finished(
        self,
        permit: Permit,
        outcome: Outcome,
        ttft_ms: float | None,
        retry_after: float | None,
        status: int | None,
    ) -> None:
        self.told.append((outcome, ttft_ms, retry_after, status))


def permit(issuer: Issuer) -> Permit:
    record = TargetRecord(
        Target("a", "m"), ProviderLoad("a"), policy=BreakerPolicy(), cooldown=CooldownPolicy()
    )
    tokens = record.acquire(0.0)
    assert tokens is not None
    return Permit(issuer, record, tokens)


def test_names_its_target() -> None:
    """The one it was given for."""
    assert permit(Issuer()).target == Target("a", "m")


def test_passes_on_what_happened() -> None:
    """First the answer's start, then its end."""
    issuer = Issuer()
    given = permit(issuer)
    given.answered(ttft_ms=5.0)
    given.finish("rejected", retry_after=2.0, status=503)
    assert issuer.told == [5.0, ("rejected", None, 2.0, 503)]


def test_is_silent_once_finished() -> None:
    """Whatever comes late."""
    issuer = Issuer()
    given = permit(issuer)
    given.finish("completed")
    given.finish("cancelled")
    given.answered()
    assert issuer.told == [("completed", None, None, None)]
