"""What an answer of the event service means for a record."""

from __future__ import annotations

import pytest

from llm_gateway.domain.delivery_answer import Meaning, meaning_of


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (201, "delivered"),
        (400, "permanent"),
        (413, "permanent"),
        (500, "ambiguous"),
        (503, "outage"),
        (502, "outage"),
        (429, "outage"),
    ],
)
def test_the_table_of_the_contract(status: int, meaning: Meaning) -> None:
    """Contracts, section 3."""
    assert meaning_of(status) == meaning


@pytest.mark.parametrize("status", [200, 204, 302, 401, 403, 404])
def test_a_wrong_url_or_key_never_costs_a_record(status: int) -> None:
    """Somebody else answers, or the key is refused: that is about the configuration, not the record."""
    assert meaning_of(status) == "outage"
