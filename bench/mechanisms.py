"""Mechanisms: what single parts of a request cost in a loop of their own, the least of several rounds."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from bench import tracing
from bench.events import CALLS, FACTS, ROUNDS, build, microseconds
from bench.table import Effort, Row, Table
from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.samples.usage_records import ATTEMPT, RECORD


def mechanisms(effort: Effort) -> Table:
    """The effort is the mechanisms' own: thousands of calls each."""
    rows = [*_decision_log(), *_metrics(), *tracing.rows()]
    return Table(
        heading="Mechanisms",
        titles=("in a loop of its own", "CPU µs"),
        rows=rows,
        rounds=f"the least of {ROUNDS} rounds of {CALLS} calls",
    )


def _decision_log() -> list[Row]:
    chain, record = Chain(), _record()
    size = len(chain.seal(record))
    seal = microseconds(lambda: chain.seal(record))
    with tempfile.TemporaryDirectory(prefix="bench-") as spool:
        log = JsonlDecisionLog(Path(spool), SystemClock())
        log.open()
        # Without a running loop there is nothing to wait for: each record is a write of its own.
        append = microseconds(lambda: log.append(record))
        log.close()
    return [
        (f"decision record of {size} bytes: encode and chain", f"{seal:.1f}"),
        ("the same and one write to the spool", f"{append:.1f}"),
    ]


def _record() -> DecisionRecord:
    """Of a decision between sixteen providers: about the 4 KB for which the goal of 15 µs is set."""
    names = [f"provider-{number}" for number in range(28)]
    return build(_decision(names), _health(names))


def _decision(names: list[str]) -> Decision:
    models = (Model(name=FACTS.model),)
    snapshot = RoutingSnapshot.build(
        providers=[Provider(id=name, type="t", dialect="openai.chat", models=models) for name in names],
        rules=[RoutingRule(name="all", match=RuleMatch(), action=RuleAction(strategy="weighted"))],
    )
    return Router().decide(FACTS, snapshot, _health(names))


def _health(names: list[str]) -> HealthView:
    seen = TargetHealth(score=0.993, latency_ms=212.25, in_flight=3)
    return HealthView(targets={f"{name}/{FACTS.model}": seen for name in names})


def _metrics() -> list[Row]:
    decision = _decision(["one"])
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        metrics = PrometheusMetrics(SharedCells(Path(directory), 0), "bench")
        metrics.adopt("00" * 32, [RECORD.target.provider_id], [RECORD.target.model])
        record = replace(RECORD, ttft_ms=5.0)

        def one_request() -> None:
            metrics.decided(decision, 0.00002)
            metrics.attempt_started(ATTEMPT.target)
            metrics.attempt_finished(ATTEMPT)
            metrics.finished(record)

        return [("metrics of one request", f"{microseconds(one_request):.1f}")]
