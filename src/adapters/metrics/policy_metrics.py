"""PolicyMetrics: what policy peers answered, counted in the worker's shared cells."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.application.ports.policy_observer import CheckResult, PolicyObserver


class PolicyMetrics(PolicyObserver):
    def __init__(self, cells: SharedCells) -> None:
        self._cells = cells

    def expect(self, *peers: str) -> None:
        """Export the usual counters of configured peers from the start, at zero."""
        for peer in peers:
            for result in ("allow", "deny"):
                self._cells.child(f.POLICY_CHECKS, peer, result)

    @override
    def checked(self, peer: str, result: CheckResult) -> None:
        self._cells.values[self._cells.child(f.POLICY_CHECKS, peer, result)] += 1
