"""Port Traffic: what all workers together have counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTraffic:
    """`requests` are those answered by the provider, `errors` of them not with success."""

    requests: int = 0
    errors: int = 0
    attempts: int = 0
    in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficTotals:
    """Since the service started. `requests` counts inference and mere route requests, `errors` those of them
    that were answered with a status of 400 or more, were rejected, or whose stream was cut.

    `delivered` and `dead_lettered` are decision records; `telemetry_…` are other records, by sink.

    `seconds` is the sum over the `timed` inference requests. `last_activity` is Unix seconds, None when
    nothing has happened yet. `decisions` by type, `reloads` by result, `policy_checks` by peer and result.
    """

    requests: int = 0
    errors: int = 0
    timed: int = 0
    seconds: float = 0.0
    delivered: int = 0
    dead_lettered: int = 0
    telemetry_delivered: Mapping[str, int] = field(default_factory=dict)
    telemetry_dropped: Mapping[str, int] = field(default_factory=dict)
    last_activity: float | None = None
    policy_checks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    reloads: Mapping[str, int] = field(default_factory=dict)
    providers: Mapping[str, ProviderTraffic] = field(default_factory=dict)

    @property
    def average_ms(self) -> float | None:
        """Of the timed requests; None before the first one."""
        return round(self.seconds / self.timed * 1000, 3) if self.timed else None


class Traffic(Protocol):
    """Called by the status report. Blocks for as long as it takes to read the workers' counters."""

    def totals(self) -> TrafficTotals:
        """Raises OSError."""
        ...
