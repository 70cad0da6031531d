"""What each event counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.exposition import MetricsPage, merged
from llm_gateway.adapters.metrics.prometheus_metrics import PrometheusMetrics
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

TARGET = Target("openai", "gpt-4o")


@pytest.fixture
def metrics(tmp_path: Path) -> PrometheusMetrics:
    made = PrometheusMetrics(SharedCells(tmp_path, 0), "1.2.3")
    made.adopt("hash-1", ["openai"], ["gpt-4o"])
    return made


def record(target: Target | None = TARGET, status: str = "200", usage: Usage | None = None) -> UsageRecord:
    return UsageRecord(
        decision_id="d",
        request_id="r",
        requested_model="m",
        tenant=None,
        target=target,
        streaming=False,
        status=status,
        started_at=0.0,
        duration_ms=12.0,
        upstream_ms=11.0,
        ttft_ms=5.0,
        usage=usage,
    )


def test_a_finished_request(metrics: PrometheusMetrics, tmp_path: Path) -> None:
    metrics.finished(record(usage=Usage(input_tokens=3, output_tokens=4, cached_tokens=2)))
    totals = merged(tmp_path)
    assert totals[f.REQUESTS.name] == {("openai", "gpt-4o", "200", "false"): [1.0]}
    tokens = {labels[2]: cells[0] for labels, cells in totals[f.TOKENS.name].items()}
    assert tokens == {"input": 3.0, "output": 4.0, "cached": 2.0, "reasoning": 0.0}


def test_the_overhead_is_what_no_upstream_took(metrics: PrometheusMetrics, tmp_path: Path) -> None:
    metrics.finished(record())
    assert merged(tmp_path)[f.OVERHEAD_SECONDS.name][()][-1] == pytest.approx(0.001)


def test_a_model_that_no_configuration_knows_counts_as_other(
    metrics: PrometheusMetrics, tmp_path: Path
) -> None:
    metrics.finished(record(target=Target("openai", "whatever a client wrote")))
    metrics.finished(record(target=None, status="404"))
    assert {labels[:2] for labels in merged(tmp_path)[f.REQUESTS.name]} == {
        ("openai", "other"),
        ("none", "other"),
    }


@pytest.mark.parametrize(("status", "family"), [("truncated", f.TRUNCATED), ("client_closed", f.DISCONNECTS)])
def test_an_answer_that_did_not_end_well_has_its_own_counter(
    metrics: PrometheusMetrics, tmp_path: Path, status: str, family: f.Family
) -> None:
    metrics.finished(record(status=status))
    assert merged(tmp_path)[family.name][()] == [1.0]


def test_attempts_in_flight_return_to_zero(metrics: PrometheusMetrics, tmp_path: Path) -> None:
    metrics.attempt_started(TARGET)
    assert merged(tmp_path)[f.IN_FLIGHT.name] == {("openai",): [1.0]}
    ended = Attempt(target=TARGET, outcome="completed", started_ms=0, duration_ms=1)
    metrics.attempt_finished(ended)
    metrics.attempt_finished(ended, started=False)
    totals = merged(tmp_path)
    assert totals[f.IN_FLIGHT.name] == {("openai",): [0.0]}
    assert totals[f.ATTEMPTS.name] == {("openai", "completed"): [2.0]}


def test_only_the_snapshot_in_force_is_shown(metrics: PrometheusMetrics, tmp_path: Path) -> None:
    metrics.adopt("hash-2", ["openai"], ["gpt-4o"])
    text = MetricsPage(tmp_path).render().decode()
    assert 'llm_gateway_config_snapshot_info{hash="hash-2"} 1.0' in text
    assert "hash-1" not in text
