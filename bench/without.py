"""The gateway less what no setting turns off, to see what it costs.

`python -m bench.without decision_log metrics -- start …`: the named parts' work on the request path is left
out; everything else is the shipped command. Not for serving: nothing would be on record.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from llm_gateway.adapters.attempt_ledger.shared_ring import SharedRingLedger
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.entrypoints.cli.app import app

PARTS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "decision_log": (JsonlDecisionLog, ("append", "flush")),
    "metrics": (PrometheusMetrics, ("decided", "attempt_started", "attempt_finished", "finished")),
    "attempts": (SharedRingLedger, ("keep",)),
}


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    for part in arguments[:split]:
        owner, methods = PARTS[part]
        for method in methods:
            getattr(owner, method)  # a method that was renamed must not look like one that costs nothing
            setattr(owner, method, _nothing)
    app(arguments[split + 1 :])


def _nothing(*_: object, **__: object) -> None:
    pass


if __name__ == "__main__":
    main(sys.argv[1:])
