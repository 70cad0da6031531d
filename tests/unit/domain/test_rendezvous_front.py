"""The front of a rendezvous ranking: nobody who could be in it is left out."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.rendezvous_front import EXPECTED, Front

LANE = 128


def hashes_of(mantissas: list[int]) -> int:
    """One number of 52 bits in each lane."""
    return sum(mantissa << LANE * place for place, mantissa in enumerate(mantissas))


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 2**52 - 1)), min_size=13, max_size=40))
@settings(max_examples=100, deadline=None)
def test_whoever_is_left_out_costs_more_than_the_cutoff(targets: list[tuple[int, int]]) -> None:
    """u is the hash with its last bit set, over 2^52, as in rendezvous.py."""
    front = Front([float(weight) for weight, _ in targets])
    inside = set(front.places(hashes_of([mantissa & ~1 for _, mantissa in targets])))
    for place, (weight, mantissa) in enumerate(targets):
        assert place in inside or -log((mantissa | 1) / 2**52) / weight > front.cutoff


def test_the_edge_is_the_cutoff() -> None:
    """A hash just above exp(−w·cutoff) is in, one just below is out."""
    weights = [float(weight) for weight in range(1, 31)]
    front = Front(weights)
    edges = [exp(-weight * front.cutoff) * 2**52 for weight in weights]
    assert list(front.places(hashes_of([int(edge * (1 + 1e-9)) & ~1 for edge in edges]))) == [*range(30)]
    assert list(front.places(hashes_of([int(edge * (1 - 1e-9)) & ~1 for edge in edges]))) == []


@pytest.mark.parametrize("weights", [[5.0] * 40, [*map(float, range(1, 41))], [1e6, *[1.0] * 39]])
def test_about_the_expected_number_of_targets_stay_below_the_cutoff(weights: list[float]) -> None:
    """Also when one weight is nearly all of the sum."""
    front = Front(weights)
    assert sum(1 - exp(-weight * front.cutoff) for weight in weights) == pytest.approx(EXPECTED, abs=0.5)
