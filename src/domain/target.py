"""Target: a provider and the model name that this provider understands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    provider_id: str
    model: str

    @property
    def id(self) -> str:
        """`provider/model`: the name used in events, headers, metrics and health."""
        return f"{self.provider_id}/{self.model}"

    def __str__(self) -> str:
        return self.id
