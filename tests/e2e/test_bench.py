"""`make bench`: it works from end to end; what it measures is not a test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.parts import ALL, PARTS
from bench.peers import LITELLM, SGLANG, Peer
from bench.report import README

REPOSITORY = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_short_runs_print_their_tables() -> None:
    """The servers started, were asked, and answered correctly: a wrong answer ends the run."""
    done = bench("outage", "memory", "--smoke")
    assert done.returncode == 0, done.stderr
    assert "| all peers down" in done.stdout
    assert "| left by the client, requests" in done.stdout
    assert "Measured " in done.stdout


def test_an_unknown_part_is_named() -> None:
    """Before anything is started."""
    done = bench("speed")
    assert done.returncode == 2
    assert "unknown part speed; there are cost, peers, latency" in done.stderr


@pytest.mark.parametrize("part", [*ALL, "memory"])
def test_the_readme_has_a_place_for_each_part(part: str) -> None:
    """`--write` would leave its figures out otherwise."""
    assert f"<!-- figures of {part} -->" in README.read_text()
    assert part in PARTS


@pytest.mark.parametrize("peer", [SGLANG, LITELLM], ids=lambda peer: peer.name)
def test_a_peer_asks_the_upstream_that_it_is_given(peer: Peer, tmp_path: Path) -> None:
    """On its command line or in the file that it names."""
    command = peer.command(4321, 8765, tmp_path)
    written = " ".join(path.read_text() for path in tmp_path.iterdir())
    assert "4321" in command
    assert "http://127.0.0.1:8765" in " ".join(command) + written


def test_a_peer_that_is_not_installed_has_no_version() -> None:
    """So `peers` leaves it out, and says so."""
    absent = Peer(name="x", package="no-such-peer", command=SGLANG.command, ready_path="/")
    assert absent.version() is None
