"""R1: equal (facts, snapshot, health) give equal decisions, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain import routing_cases

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_another_process_with_another_hash_seed_decides_alike(hash_seed: str) -> None:
    """1,000 decisions, every field: no set was ever iterated in its own order."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    script = [sys.executable, "-m", "tests.unit.domain.routing_cases"]
    printed = subprocess.run(script, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == routing_cases.digest()


def test_a_snapshot_read_back_decides_alike() -> None:
    """What replay needs: the document holds everything that the decision depends on."""
    for facts, snapshot, health, after in routing_cases.cases(seed=3, snapshots=10, requests=20):
        read = RoutingSnapshot.from_document(snapshot.document())
        again = Router().decide(facts, read, health, after=after)
        assert again == Router().decide(facts, snapshot, health, after=after)


def test_the_cases_cover_every_kind_of_decision() -> None:
    """Or the tests above would prove little."""
    decisions = [
        Router().decide(facts, snapshot, health, after=after)
        for facts, snapshot, health, after in routing_cases.cases(seed=7, snapshots=25, requests=40)
    ]
    assert {d.decision_type for d in decisions} == {"route_select", "route_fallback", "route_reject"}
    assert {d.rejection.code for d in decisions if d.rejection} >= {
        "model_not_found",
        "no_healthy_providers",
        "unsupported_parameter",
        "context_length_exceeded",
        "rate_limit_exceeded",
    }
    assert {c.type for d in decisions for c in d.constraints} == {
        "policy",
        "provider",
        "capability",
        "availability",
        "model_support",
        "tenant",
        "performance_budget",
    }
