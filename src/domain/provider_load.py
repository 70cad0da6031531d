"""ProviderLoad: how many calls one provider has in flight, against the most it may have."""

from __future__ import annotations

from llm_gateway.domain.provider import Provider


class ProviderLoad:
    """The provider's bulkhead as routing sees it: full means that its targets are not chosen.

    `limit` None is unlimited. A limit lowered by a reload does not end calls; it is met as they finish.
    """

    __slots__ = ("in_flight", "limit", "provider_id")

    def __init__(self, provider_id: str, limit: int | None = None) -> None:
        self.provider_id = provider_id
        self.limit = limit
        self.in_flight = 0

    @property
    def full(self) -> bool:
        return self.limit is not None and self.in_flight >= self.limit


def account(provider: Provider) -> tuple[str, str, str]:
    """What makes it the same upstream account: what was learned about another one says nothing here."""
    return provider.type, provider.base_url, provider.credential_reference
