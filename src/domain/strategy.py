"""Strategy: the closed list of ways to order the candidates that are left."""

from __future__ import annotations

from typing import Literal, get_args

Strategy = Literal["priority", "weighted", "round_robin", "least_latency", "least_cost", "least_busy"]

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
