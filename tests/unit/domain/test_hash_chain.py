"""The hash chain: a record's hash covers all of it and the one before it."""

from __future__ import annotations

import hashlib

import pytest

from llm_gateway.domain.hash_chain import GENESIS, link, record_hash


def test_a_link_is_the_hash_of_the_previous_one_and_the_body() -> None:
    """The documented formula, with nothing in between."""
    assert link(GENESIS, b"{}") == hashlib.sha256(b"0" * 64 + b"{}").hexdigest()


def test_a_record_read_back_hashes_the_same() -> None:
    """Whatever the order of its members, and without its own hash."""
    expected = link("ab" * 32, b'{"a":1,"prev_hash":"' + b"ab" * 32 + b'"}')
    assert record_hash({"prev_hash": "ab" * 32, "hash": "?", "a": 1.0}) == expected


@pytest.mark.parametrize("change", [{"a": 2}, {"prev_hash": GENESIS}, {"extra": None}])
def test_any_change_shows(change: dict[str, object]) -> None:
    """One changed, added or relinked member is another hash."""
    record = {"prev_hash": "ab" * 32, "a": 1}
    assert record_hash({**record, **change}) != record_hash(record)
