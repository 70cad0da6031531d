"""Does the audit log keep its promises: an outage of a whole run, and many kills, counted.

.venv/bin/python -m bench.audit [--requests 20000] [--kills 20]

Gateway, lab and the stand-in for ruvector-service are processes of their own. The first part
asks with nobody listening, then starts the service: how long delivery takes, what it costs the gateway, and
whether every record arrives once and in order. The second kills the gateway under load again and again: no
answered request may lack its event, and what is delivered twice has the same event_id. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.load import ask, ask_until_gone
from tests.e2e.ruvector_process import RuvectorProcess

_IN_FLIGHT = 8
_BETWEEN_KILLS = 300


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    sound = True
    if given.requests:
        sound &= outage(given.requests)
    if given.kills:
        sound &= kills(given.kills)
    return 0 if sound else 1


def outage(requests: int) -> bool:
    with _service() as service, running_gateway("--lab", environment=_environment(service)) as gateway:
        decisions = ask(gateway.url, requests)
        cpu, began = _cpu_seconds(gateway), time.monotonic()
        service.start()
        patience = time.monotonic() + 600
        while (stored := service.count()) < len(decisions) and time.monotonic() < patience:
            time.sleep(0.2)
        seconds, cpu = time.monotonic() - began, _cpu_seconds(gateway) - cpu
        records = service.payloads()
        missing = set(decisions) - {record["execution_ref"] for record in records}
        twice = len(records) - len({record["event_id"] for record in records})
        places = enumerate((record["sequence"] for record in records), start=1)
        out_of_place = max((abs(place - sequence) for place, sequence in places), default=0)
        print(f"outage: {len(decisions)} answered with nobody listening; {len(records)} stored afterwards")
        print(f"  missing {len(missing)}, twice {twice}, furthest out of place {out_of_place}")
        print(f"  {seconds:.1f} s, {stored / seconds:.0f} a second, {cpu / stored * 1e6:.0f} CPU µs each")
        return not missing and not twice and out_of_place < _IN_FLIGHT


def kills(count: int) -> bool:
    answered: list[str] = []
    with _service() as service, tempfile.TemporaryDirectory() as spool:
        service.start()
        environment = {**_environment(service), "LLM_GATEWAY_SPOOL_DIR": spool}
        for _ in range(count):
            with running_gateway("--lab", environment=environment) as gateway:
                killer = threading.Thread(target=_kill, args=(gateway, answered, len(answered)))
                killer.start()
                ask_until_gone(gateway.url, answered)
                killer.join()
                gateway.exit_code()
        spooled = _event_ids(Path(spool))
        with running_gateway("--lab", environment=environment):
            wait_for(lambda: {record["event_id"] for record in service.payloads()} >= set(spooled.values()))
        records = service.payloads()
        stored = Counter(record["event_id"] for record in records)
        lacking = set(answered) - spooled.keys()
        strange = stored.keys() ^ set(spooled.values())
        print(f"kills: {count}, {len(answered)} answered, {len(spooled)} events on disk")
        print(f"  answered without event {len(lacking)}, delivered {len(records)} times {len(stored)} events")
        return not lacking and not strange


def _kill(gateway: GatewayProcess, answered: list[str], before: int) -> None:
    wait_for(lambda: len(answered) >= before + _BETWEEN_KILLS)
    gateway.signal(signal.SIGKILL)


def _event_ids(spool: Path) -> dict[str, str]:
    """By decision, of every whole record on disk."""
    found = {}
    for path in spool.rglob("0*.jsonl"):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                record = json.loads(line)
                found[record["execution_ref"]] = record["event_id"]
    return found


def _cpu_seconds(gateway: GatewayProcess) -> float:
    tasks = Path(f"/proc/{gateway.pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in tasks) / 1e9


def _environment(service: RuvectorProcess) -> dict[str, str]:
    return {"RUVECTOR_SERVICE_URL": service.url}


@contextmanager
def _service() -> Iterator[RuvectorProcess]:
    with tempfile.TemporaryDirectory() as directory:
        service = RuvectorProcess(Path(directory))
        try:
            yield service
        finally:
            service.stop()


if __name__ == "__main__":
    sys.exit(main())
