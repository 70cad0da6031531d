"""Delivery of decision records by the started gateway to a ruvector-service in a process of its own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.load import CONNECTIONS, ask
from tests.e2e.ruvector_process import RuvectorProcess

IN_FLIGHT = 8


@pytest.fixture
def ruvector(tmp_path: Path) -> Iterator[RuvectorProcess]:
    service = RuvectorProcess(tmp_path / "ruvector")
    yield service
    service.stop()


@pytest.fixture
def delivering(ruvector: RuvectorProcess) -> Iterator[GatewayProcess]:
    with running_gateway("--lab", environment=environment(ruvector)) as gateway:
        yield gateway


def environment(ruvector: RuvectorProcess, **more: str) -> dict[str, str]:
    return {"RUVECTOR_SERVICE_URL": ruvector.url, "RUVECTOR_API_KEY": "the-key", **more}


def persistence(gateway: GatewayProcess) -> dict[str, Any]:
    figures: dict[str, Any] = httpx.get(f"{gateway.url}/agents/status", trust_env=False).json()
    return dict(figures["persistence"]["ruvector"])


def until_settled(gateway: GatewayProcess) -> dict[str, Any]:
    return wait_for(lambda: found if (found := persistence(gateway))["spool_depth"] == 0 else None)


def persisting(gateway: GatewayProcess) -> list[str]:
    return [line["message"] for line in gateway.logs() if "persist" in line["message"]]


def furthest_out_of_place(sequences: list[int]) -> int:
    """How far a record may have overtaken others."""
    return max(abs(place - sequence) for place, sequence in enumerate(sequences, start=1))


def test_what_happens_while_the_service_is_away_arrives_in_order(
    delivering: GatewayProcess, ruvector: RuvectorProcess
) -> None:
    """2,000 requests with nobody listening: then all are stored, none twice, in the log's order."""
    decisions = ask(delivering.url, 2_000)
    waiting = persistence(delivering)
    assert (waiting["reachable"], waiting["spool_depth"], waiting["delivered"]) == (False, 2_000, 0)
    assert waiting["oldest_pending_seconds"] > 0
    ruvector.start()
    settled = until_settled(delivering)
    stored = ruvector.payloads()
    assert sorted(record["execution_ref"] for record in stored) == sorted(decisions)
    assert furthest_out_of_place([record["sequence"] for record in stored]) < IN_FLIGHT
    assert (settled["reachable"], settled["delivered"], settled["dead_lettered"]) == (True, 2_000, 0)
    failed, again = persisting(delivering)
    assert failed.startswith("Error: Failed to persist DecisionEvent") and "RUVECTOR_SERVICE_URL" in failed
    assert "again" in again


def test_poison_holds_nobody_up(delivering: GatewayProcess, ruvector: RuvectorProcess) -> None:
    """Records that the service cannot take end among the dead letters; all others are stored once."""
    ruvector.start()
    ruvector.behave(poison='"sequence":17,', refuse='"sequence":23,')
    ask(delivering.url, 40)

    def given_up() -> bool:
        ask(delivering.url, CONNECTIONS)  # an internal error counts against a record only while others pass
        return int(persistence(delivering)["dead_lettered"]) == 2

    wait_for(given_up)
    until_settled(delivering)
    sequences = sorted(record["sequence"] for record in ruvector.payloads())
    letters = {letter["record"]["sequence"]: letter for letter in dead_letters(delivering)}
    assert set(sequences) == set(range(1, sequences[-1] + 1)) - {17, 23}
    assert len(sequences) == len(set(sequences))
    assert (letters[23]["status"], letters[23]["attempts"]) == (400, 1)
    assert (letters[17]["status"], letters[17]["reason"]) == (500, '{"error": "Internal server error"}')


def test_an_outage_that_answers_loses_nothing(delivering: GatewayProcess, ruvector: RuvectorProcess) -> None:
    """503 and 500 to everything: nothing is given up, nothing is stored twice afterwards."""
    ruvector.start()
    for round, mode in enumerate(("unavailable", "broken"), start=1):
        before = ruvector.behave(mode=mode)["posts"]
        ask(delivering.url, 100)
        wait_for(lambda before=before: ruvector.behave()["posts"] > before + 2)
        assert persistence(delivering)["dead_lettered"] == 0
        ruvector.behave(mode="up")
        assert until_settled(delivering)["delivered"] == 100 * round
    assert sorted(record["sequence"] for record in ruvector.payloads()) == list(range(1, 201))


def test_a_service_that_comes_and_goes_gets_everything(
    delivering: GatewayProcess, ruvector: RuvectorProcess
) -> None:
    """Killed twice in the middle: only what it had stored without being able to say so may be there twice."""
    decisions: list[str] = []
    for _ in range(2):
        ruvector.start()
        decisions += ask(delivering.url, 200)
        ruvector.stop()
        decisions += ask(delivering.url, 200)
    ruvector.start()
    until_settled(delivering)
    stored = [record["execution_ref"] for record in ruvector.payloads()]
    assert set(stored) == set(decisions)
    assert len(stored) - len(decisions) <= 2 * IN_FLIGHT


def test_two_workers_deliver_each_their_own_log_and_one_adopts_both(
    ruvector: RuvectorProcess, tmp_path: Path
) -> None:
    """Both crash with undelivered records. One worker starts again; each log has arrived in its own order."""
    spool = {"LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool")}
    ruvector.start()
    with running_gateway("--lab", "--workers", "2", environment=environment(ruvector, **spool)) as gateway:
        wait_for(lambda: len(logs(tmp_path)) == 2)
        decisions = ask(gateway.url, 200)
        wait_for(lambda: persistence(gateway)["delivered"] == 200)
        ruvector.stop()
        ask_both(gateway, tmp_path, decisions)
        crash(gateway)
    ruvector.start()
    with running_gateway("--lab", environment=environment(ruvector, **spool)) as gateway:
        wait_for(lambda: {record["execution_ref"] for record in ruvector.payloads()} >= set(decisions))
        until_settled(gateway)
    arrived = list({record["event_id"]: record for record in ruvector.payloads()}.values())
    assert sorted(record["execution_ref"] for record in arrived) == sorted(decisions)
    for log in logs(tmp_path):
        mine = {json.loads(line)["event_id"] for line in records(log)}
        assert furthest_out_of_place([r["sequence"] for r in arrived if r["event_id"] in mine]) < IN_FLIGHT


def logs(directory: Path) -> list[Path]:
    return sorted((directory / "spool").glob("worker-*"))


def ask_both(gateway: GatewayProcess, directory: Path, decisions: list[str]) -> None:
    """Until each worker has had its share."""
    before = [len(records(log)) for log in logs(directory)]

    def both() -> bool:
        decisions.extend(ask(gateway.url, 40))
        after = [len(records(log)) for log in logs(directory)]
        return all(more > had for had, more in zip(before, after, strict=True))

    wait_for(both)


def crash(gateway: GatewayProcess) -> None:
    """All at once: a supervisor that goes first would let its workers end in order."""
    gateway.signal(signal.SIGSTOP)
    for child in Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    gateway.signal(signal.SIGKILL)
    assert gateway.exit_code() == -signal.SIGKILL


def test_shutting_down_delivers_what_is_there(ruvector: RuvectorProcess) -> None:
    """In the contract's envelope, over few connections, with the key. A restart sends nothing again."""
    ruvector.start()
    with running_gateway("--lab", environment=environment(ruvector)) as gateway:
        decisions = ask(gateway.url, 400)
        assert gateway.stop() == 0
        events = ruvector.events()
        spooled = [json.loads(line) for line in records(gateway.directory)]
        again = GatewayProcess(gateway.directory, ("--lab",), environment(ruvector))
        again.until_ready()
        assert until_settled(again)["delivered"] == 0
        assert again.stop() == 0
    assert sorted(event["runId"] for event in events) == sorted(decisions)
    assert all(event["payload"] in spooled for event in events[::50])
    assert events[0].keys() == {"type", "runId", "source", "timestamp", "payload"}
    assert (events[0]["type"], events[0]["source"]) == ("route_select", "llm-inference-gateway")
    seen = ruvector.behave()
    assert seen["posts"] == len(decisions) and seen["authorization"] == "Bearer the-key"
    assert seen["connections"] <= IN_FLIGHT + 1  # this question's is one of them


def records(directory: Path) -> list[bytes]:
    """Every line of the segments below."""
    return [line for path in sorted(directory.rglob("0*.jsonl")) for line in path.read_bytes().splitlines()]


def dead_letters(gateway: GatewayProcess) -> list[dict[str, Any]]:
    (path,) = gateway.directory.rglob("dead-letter.jsonl")
    return [json.loads(line) for line in path.read_bytes().splitlines()]
