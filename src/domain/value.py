"""value: a frozen dataclass whose immutability is checked by the type checker instead of at run time.

For what is made several times in each request and lives no longer: `frozen=True` sets every field through
`object.__setattr__`, which took an eighth of a request's CPU (profile of 2026-11-23, bench/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Slotted and keyword-only; equal and hashed by its fields."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
