"""`make bench`: it works from end to end; what it measures is not a test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_short_run_prints_its_table() -> None:
    """Both servers started, were asked, and answered correctly: a wrong answer ends the run."""
    done = bench("cost", "--smoke")
    assert done.returncode == 0, done.stderr
    assert "| CPU µs per plain request" in done.stdout
    assert "Measured " in done.stdout


def test_an_unknown_part_is_named() -> None:
    """Before anything is started."""
    done = bench("speed")
    assert done.returncode == 2
    assert "unknown part speed; there are cost, latency" in done.stderr
