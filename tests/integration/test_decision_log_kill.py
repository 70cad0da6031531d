"""A flushed record outlives `kill -9` of the process that wrote it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.domain.hash_chain import record_hash
from tests.fakes.clock import FakeClock
from tests.samples.decisions import record

WRITER = """
import asyncio, sys, time
from pathlib import Path
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from tests.fakes.clock import FakeClock
from tests.samples.decisions import record

async def write():
    log = JsonlDecisionLog(Path(sys.argv[1]), FakeClock())
    log.open()
    for _ in range(3):
        log.append(record())
    log.flush()
    log.append(record())
    print("flushed", flush=True)
    time.sleep(60)

asyncio.run(write())
"""


def killed_writer(spool: Path) -> None:
    root = Path(__file__).parents[2]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(spool)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "flushed\n"
        writer.send_signal(signal.SIGKILL)


def test_what_was_flushed_is_there_after_a_kill(tmp_path: Path) -> None:
    """Three flushed records are there; the fourth, unflushed, was never promised to anyone."""
    killed_writer(tmp_path)
    log = JsonlDecisionLog(tmp_path, FakeClock())
    assert [stored["sequence"] for stored in log.recent()] == [3, 2, 1]


def test_the_next_worker_takes_the_dead_ones_directory_and_chain(tmp_path: Path) -> None:
    """The lock died with its process."""
    killed_writer(tmp_path)
    log = JsonlDecisionLog(tmp_path, FakeClock())
    log.open()
    log.append(record())
    log.close()
    newest, before, *_ = log.recent()
    assert [path.name for path in tmp_path.iterdir()] == ["worker-0"]
    assert (newest["sequence"], newest["prev_hash"]) == (4, before["hash"])
    assert record_hash(newest) == newest["hash"]
