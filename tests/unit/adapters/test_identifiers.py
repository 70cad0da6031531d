"""UUIDv7 identifiers."""

from __future__ import annotations

import uuid

from llm_gateway.adapters.identifiers import Uuid7Identifiers


def test_they_are_uuids_of_version_7() -> None:
    made = [uuid.UUID(Uuid7Identifiers().uuid7()) for _ in range(100)]
    assert {(value.version, value.variant) for value in made} == {(7, uuid.RFC_4122)}


def test_later_ones_sort_after_earlier_ones_and_none_comes_twice() -> None:
    identifiers = Uuid7Identifiers()
    made = [identifiers.uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))
