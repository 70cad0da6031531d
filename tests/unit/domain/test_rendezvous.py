"""Rendezvous hashing: shares, minimal remapping, the same answer everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from hashlib import blake2b
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain import rendezvous
from llm_gateway.domain.rendezvous import Rendezvous, lane
from llm_gateway.domain.rendezvous_front import Front

IDS = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True)
KEYS = 100_000
EXACT = Context(prec=50)


def ranked(weights: dict[str, int], key: str, count: int = 99) -> list[str]:
    ids = list(weights)
    chosen = Rendezvous([lane(id) for id in ids], list(weights.values())).rank(key, count)
    return [ids[position] for position in chosen]


def winners(weights: Sequence[int]) -> Iterator[int]:
    """The position that each of 100,000 keys goes to."""
    table = Rendezvous([lane(f"provider-{i}/m") for i in range(len(weights))], weights)
    return (table.rank(f"key-{i}", 1)[0] for i in range(KEYS))


@pytest.mark.parametrize("weights", [(1, 1), (10, 20, 30, 40), (100, 1, 100), (5, 5, 5, 5, 80), range(1, 31)])
def test_shares_are_within_two_percent_of_the_weights(weights: Sequence[int]) -> None:
    """R3: over 100,000 keys no target is off by more than two points of a hundred."""
    counts = Counter(winners(weights))
    for position, weight in enumerate(weights):
        assert counts[position] / KEYS == pytest.approx(weight / sum(weights), abs=0.02)


def test_small_shares_are_met_too() -> None:
    """Fifty equal targets each get 2 % ± 0.2: far tighter than the promise, as a check of the hash."""
    counts = Counter(winners([7] * 50))
    assert all(abs(counts[position] / KEYS - 0.02) < 0.002 for position in range(50))


@given(IDS, st.text(), st.data())
@settings(max_examples=200, deadline=None)
def test_removing_a_target_remaps_only_its_own_share(ids: list[str], key: str, data: st.DataObject) -> None:
    """R2: the order of all others stays."""
    weights = {id: data.draw(st.integers(1, 1000)) for id in ids}
    gone = data.draw(st.sampled_from(ids))
    without = {id: weight for id, weight in weights.items() if id != gone}
    assert [id for id in ranked(weights, key) if id != gone] == (ranked(without, key) if without else [])


@given(IDS, st.text(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_targets_does_not_matter(ids: list[str], key: str, random: object) -> None:
    """Only ids and weights count, not where they stand in the configuration."""
    shuffled = list(ids)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked(dict.fromkeys(ids, 5), key) == ranked(dict.fromkeys(shuffled, 5), key)


def reference(lanes: Sequence[bytes], weights: Sequence[int], key: str) -> list[int]:
    """The definition, target by target, in decimal arithmetic that is the same on every platform."""
    multiplier = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little") | 1

    def cost(place: int) -> tuple[Decimal, bytes]:
        product = int.from_bytes(lanes[place], "little") * multiplier
        bits = (((product ^ (product >> 64)) % 2**64) >> 13 << 1) | 1
        logarithm = EXACT.ln(EXACT.divide(Decimal(bits), Decimal(2**52)))
        return EXACT.divide(-logarithm, Decimal(weights[place])), lanes[place]

    return sorted(range(len(lanes)), key=cost)


@given(st.data(), st.integers(1, 60), st.sampled_from([1, 5, 1000, 10**9]), st.integers(1, 14))
@settings(max_examples=60, deadline=None)
def test_the_ranking_is_the_definition(data: st.DataObject, size: int, heaviest: int, count: int) -> None:
    """However it is found: at the first ranking, from the front afterwards, with and without ties."""
    weights = data.draw(st.lists(st.integers(1, heaviest), min_size=size, max_size=size))
    names = data.draw(st.integers(1, 99))
    lanes = [lane(f"{place % names}") for place in range(size)]
    table = Rendezvous(lanes, weights)
    for key in data.draw(st.lists(st.text(alphabet="abc", min_size=1), min_size=3, max_size=5)):
        assert table.rank(key, count) == reference(lanes, weights, key)[:count]


@pytest.mark.parametrize("weights", [[5] * 40, [*range(1, 41)], [10**6, *[1] * 39]])
def test_nearly_all_keys_are_settled_by_the_front(weights: list[int]) -> None:
    """Otherwise it would only cost; what it does not settle is ranked among all."""
    table = Rendezvous([lane(f"{place}") for place in range(40)], weights)
    table.rank("first", 4), table.rank("second", 4)
    settled = 0
    for i in range(1000):
        hashes = table._hashes(f"{i}")
        doubles = (hashes | table._fixed_bits).to_bytes(40 * 16, "little")
        settled += table._rank_front(cast(Front, table._front), hashes, doubles, 4) is not None
    assert settled > 980


def test_what_is_ranked_once_gets_no_front() -> None:
    """What is left after an exclusion belongs to one request: a front would cost more than it saves."""
    table = Rendezvous([lane(f"{place}") for place in range(40)], range(1, 41))
    table.rank("first", 4)
    assert table._front is None


def test_near_ties_are_decided_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every cost counted as near, the result is the same: the way there is not."""
    expected = [ranked({"a": 1, "b": 2, "c": 2}, f"{i}") for i in range(200)]
    monkeypatch.setattr(rendezvous, "_NEAR", 1e9)
    assert [ranked({"a": 1, "b": 2, "c": 2}, f"{i}") for i in range(200)] == expected


def test_the_result_is_pinned() -> None:
    """Changing the hash would move every conversation away from its prompt cache at the next upgrade."""
    weights = {f"provider-{i}/m": 10 * i + 10 for i in range(6)}
    firsts = "".join(ranked(weights, f"key-{i}", 1)[0][9] for i in range(40))
    assert firsts == "1513344425534145134313551553235043254333"
