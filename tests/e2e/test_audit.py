"""The audit log of the started gateway: through `kill -9`, full disks and tampering."""

from __future__ import annotations

import json
import re
import resource
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.child import clean_environment, wait_for
from tests.e2e.gateway_process import COMMAND, GatewayProcess, running_gateway
from tests.e2e.load import BODY, ask, ask_until_gone
from tests.e2e.ruvector_process import RuvectorProcess

KILLS = 3


def records(directory: Path) -> list[dict[str, Any]]:
    """Every whole record of the segments below."""
    whole = [
        line
        for path in sorted(directory.rglob("0*.jsonl"))
        for line in path.read_bytes().splitlines(True)
        if line.endswith(b"\n")
    ]
    return [json.loads(line) for line in whole]


def metric(gateway: GatewayProcess, name: str) -> float:
    page = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
    found = re.search(rf"^llm_gateway_{name} (\S+)$", page, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


def verify(spool: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*COMMAND, "audit", "verify", str(spool)),
        capture_output=True,
        text=True,
        env=clean_environment({}),
        check=False,
    )


def test_no_answered_request_lacks_its_event_after_kill_9(tmp_path: Path) -> None:
    """Killed several times under load. What is delivered twice has the same event_id; the chain holds."""
    ruvector = RuvectorProcess(tmp_path / "ruvector").start()
    environment = {"RUVECTOR_SERVICE_URL": ruvector.url, "LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool")}
    answered: list[str] = []
    for _ in range(KILLS):
        with running_gateway("--lab", environment=environment) as gateway:
            killer = threading.Thread(target=kill_after, args=(gateway, answered, len(answered) + 150))
            killer.start()
            ask_until_gone(gateway.url, answered)
            killer.join()
            assert gateway.exit_code() == -signal.SIGKILL
    spooled = {record["execution_ref"]: record["event_id"] for record in records(tmp_path / "spool")}
    assert len(answered) >= 150 * KILLS and spooled.keys() >= set(answered)
    with running_gateway("--lab", environment=environment):
        wait_for(lambda: {record["event_id"] for record in ruvector.payloads()} >= set(spooled.values()))
    stored = {record["execution_ref"]: record["event_id"] for record in ruvector.payloads()}
    assert stored == spooled
    assert verify(tmp_path / "spool").returncode == 0
    ruvector.stop()


def kill_after(gateway: GatewayProcess, answered: list[str], count: int) -> None:
    wait_for(lambda: len(answered) >= count)
    gateway.signal(signal.SIGKILL)


def test_a_flipped_byte_is_named() -> None:
    """`audit verify` says in which file and line, and fails."""
    with running_gateway("--lab") as gateway:
        ask(gateway.url, 40)
        spool = gateway.directory / "spool"
        (segment,) = spool.rglob("0*.jsonl")
        before, after = segment.read_bytes().split(b'"sequence":23,')
        segment.write_bytes(before[:-1] + bytes((before[-1] ^ 1,)) + b'"sequence":23,' + after)
        found = verify(spool)
        assert found.returncode == 1
        assert f"{segment.name}:23" in (found.stdout + found.stderr).replace("\n", "")


def test_a_full_disk_keeps_serving_and_counts() -> None:
    """The kernel takes no more bytes for any file: requests are answered, the missing records are counted."""
    with running_gateway("--lab", environment={"PYTHONUNBUFFERED": "1"}) as gateway:
        ask(gateway.url, 20)
        (segment,) = (gateway.directory / "spool").rglob("0*.jsonl")
        limit(gateway.pid, segment.stat().st_size + 100)
        ask(gateway.url, 20)
        wait_for(lambda: metric(gateway, "audit_dropped_total") == 20)
        limit(gateway.pid, resource.RLIM_INFINITY)
        ask(gateway.url, 20)
        assert len(records(segment.parent)) == 40
        found = verify(segment.parent)
        assert found.returncode == 0 and "20" in found.stdout
        assert sum("being dropped" in line["message"] for line in gateway.logs()) == 1


def test_reject_answers_503_before_anything_is_sent(tmp_path: Path) -> None:
    """The undelivered spool has reached its bound; when the service has taken it, requests pass again."""
    ruvector = RuvectorProcess(tmp_path / "ruvector")
    configuration = "audit: {max_bytes: 128KiB, when_full: reject}"
    environment = {"RUVECTOR_SERVICE_URL": ruvector.url}
    with (
        running_gateway("--lab", configuration=configuration, environment=environment) as gateway,
        httpx.Client(base_url=gateway.url, trust_env=False) as http,
    ):
        rejected = wait_for(lambda: None if (answer := post(http)).status_code == 200 else answer)
        assert rejected.status_code == 503 and rejected.json()["error"]["code"] == "audit_spool_full"
        assert "retry-after" in rejected.headers and "x-gateway-provider" not in rejected.headers
        decided = len(records(gateway.directory))
        assert post(http).status_code == 503
        assert len(records(gateway.directory)) == decided
        ruvector.start()
        wait_for(lambda: post(http).status_code == 200)
        wait_for(lambda: len(ruvector.payloads()) > decided)
    ruvector.stop()


def test_drop_oldest_counts_what_it_lets_go(tmp_path: Path) -> None:
    """Undelivered records go at the bound: log, metric and status say how many; the others arrive."""
    ruvector = RuvectorProcess(tmp_path / "ruvector")
    configuration = "audit: {max_bytes: 128KiB, when_full: drop_oldest}"
    environment = {"RUVECTOR_SERVICE_URL": ruvector.url}
    with running_gateway("--lab", configuration=configuration, environment=environment) as gateway:
        ask(gateway.url, 200)
        dropped = wait_for(lambda: metric(gateway, "audit_dropped_total"))
        assert sum(path.stat().st_size for path in gateway.directory.rglob("0*.jsonl")) <= 128 * 1024
        assert dropped + len(records(gateway.directory)) == 200
        assert any("dropped before they were delivered" in line["message"] for line in gateway.logs())
        ruvector.start()
        wait_for(lambda: metric(gateway, "audit_spool_events") == 0)
        assert {record["sequence"] for record in ruvector.payloads()} >= set(range(int(dropped) + 1, 201))
    ruvector.stop()


def post(http: httpx.Client) -> httpx.Response:
    return http.post("/v1/chat/completions", content=BODY, headers={"content-type": "application/json"})


def limit(pid: int, size: int) -> None:
    """The largest file that the process may write, in bytes; Python ignores SIGXFSZ, so it sees EFBIG."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
