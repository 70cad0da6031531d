"""least_cost."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.provider import Model
from llm_gateway.domain.strategies.least_cost import estimated_cost, least_cost
from tests.unit.domain.routing_examples import facts, target

WORDY = target("wordy", model=Model(name="m", input_price="10", output_price="1"))
TERSE = target("terse", model=Model(name="m", input_price="1", output_price="20"))
FREE = target("free", model=Model(name="m", input_price="0", output_price="0"))
UNKNOWN = target("unknown")


def test_the_estimate_decides_and_not_one_price_alone() -> None:
    """The cheaper of the two depends on how much is asked and how much may be answered."""
    pool = Pool([WORDY, TERSE])
    long_answer = least_cost(pool, facts(input_tokens=100, max_output_tokens=1000), HealthView(), 1)
    long_prompt = least_cost(pool, facts(input_tokens=10_000, max_output_tokens=10), HealthView(), 1)
    assert (long_answer[0], long_prompt[0]) == (WORDY, TERSE)


def test_an_unknown_price_comes_last_and_a_free_one_first() -> None:
    """Zero is a price; None is not."""
    chosen = least_cost(Pool([UNKNOWN, WORDY, FREE]), facts(input_tokens=1), HealthView(), 3)
    assert [entry.id for entry in chosen] == ["free/m", "wordy/m", "unknown/m"]


def test_the_estimated_cost_is_exact() -> None:
    """1,000 × 10 USD and 500 × 1 USD per million tokens are 0.0105 USD."""
    cost = estimated_cost(WORDY, facts(input_tokens=1000, max_output_tokens=500))
    assert cost == 10_500_000_000_000_000
    assert estimated_cost(UNKNOWN, facts()) is None
