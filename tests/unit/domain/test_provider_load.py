"""ProviderLoad."""

from __future__ import annotations

import pytest

from llm_gateway.domain.provider import Provider
from llm_gateway.domain.provider_load import ProviderLoad, account


@pytest.mark.parametrize(("limit", "in_flight", "full"), [(None, 10**6, False), (2, 1, False), (2, 2, True)])
def test_full_when_the_limit_is_reached(limit: int | None, in_flight: int, full: bool) -> None:
    """Without a limit it never is."""
    load = ProviderLoad("openai", limit)
    load.in_flight = in_flight
    assert load.full == full


def test_another_key_is_another_account() -> None:
    """Weight and priority are not part of who is asked."""
    first = Provider(id="a", type="openai", dialect="openai.chat", credential_reference="env:A")
    same = Provider(id="a", type="openai", dialect="openai.chat", credential_reference="env:A", weight=1)
    other = Provider(id="a", type="openai", dialect="openai.chat", credential_reference="env:B")
    assert account(first) == account(same) != account(other)
