"""`make bench`: it works from end to end; what it measures is not a test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bench.parts import ALL, PARTS
from bench.peers import LITELLM, SGLANG, Peer
from bench.report import README
from bench.servers import collector
from bench.telemetry import check_told, everything

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
    done = bench("latency", "memory", "--smoke")
    assert done.returncode == 0, done.stderr
    assert "| 1 connection, plain answer, p50" in done.stdout
    assert "| left by the client, requests" in done.stdout
    assert "Measured " in done.stdout


def test_what_comes_to_the_collector_is_counted() -> None:
    """So a delivery that did not happen is not taken for one that costs nothing."""
    with collector() as process:
        with pytest.raises(RuntimeError, match="x: nothing was delivered"):
            check_told(process, "x")
        httpx.post(f"http://127.0.0.1:{process.port}/events/decisions", json={}, trust_env=False)
        check_told(process, "x")


def test_everything_is_told_to_one_port() -> None:
    """Of the peers that hear of ordinary requests."""
    variables = everything(4321)
    assert {"RUVECTOR_SERVICE_URL", "TELEMETRY_ENDPOINT", "COSTOPS_URL"} < variables.keys()
    assert variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4321"


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
