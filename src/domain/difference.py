"""Difference: one place where two JSON values are not the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`path` such as `outputs.fallback_providers[1]`; a side that lacks the place has None there."""

    path: str
    stored: Any
    recomputed: Any

    def __str__(self) -> str:
        return f"{self.path}: stored {self.stored!r}, recomputed {self.recomputed!r}"


def differences(path: str, stored: Any, recomputed: Any) -> Iterator[Difference]:
    """Every smallest place below `path` that differs, in order. Lists and tuples are the same thing."""
    if isinstance(stored, Mapping) and isinstance(recomputed, Mapping):
        for name in sorted(stored.keys() | recomputed.keys()):
            yield from _member(f"{path}.{name}", name in stored, name in recomputed, stored, recomputed, name)
    elif isinstance(stored, list | tuple) and isinstance(recomputed, list | tuple):
        for index in range(max(len(stored), len(recomputed))):
            here = f"{path}[{index}]"
            yield from _member(here, index < len(stored), index < len(recomputed), stored, recomputed, index)
    elif stored != recomputed or isinstance(stored, bool) != isinstance(recomputed, bool):
        yield Difference(path=path, stored=stored, recomputed=recomputed)


def _member(
    path: str, in_stored: bool, in_recomputed: bool, stored: Any, recomputed: Any, key: str | int
) -> Iterator[Difference]:
    if in_stored and in_recomputed:
        yield from differences(path, stored[key], recomputed[key])
    else:
        left = stored[key] if in_stored else None
        right = recomputed[key] if in_recomputed else None
        yield Difference(path=path, stored=left, recomputed=right)
