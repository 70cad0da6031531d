"""A client that leaves closes the upstream's connection, whatever it was waiting for."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.domain.usage_record import UsageRecord
from tests.integration.resilience.rig import Rig, rig

PATIENT = Timeouts(connect=1.0, first_byte=60.0, idle=60.0, total=60.0)
PHASES = {
    "waiting for a plain answer": ("slow-first-byte=60s", False, b""),
    "before the first token": ("slow-first-byte=60s", True, b""),
    "between the head and the first token": ("stall@0", True, b""),
    "in the middle of a stream": ("lorem+words=4000+pace=5ms", True, b"lorem"),
    "in the middle of a silent stream": ("stall@2", True, b"ipsum"),
}


async def leave(bench: Rig, *, stream: bool, after: bytes) -> None:
    async with bench.exchange(stream=stream) as exchange:
        await bench.until(lambda: bool(bench.lab.log.records))
        await exchange.until(after)


def tell(bench: Rig) -> list[UsageRecord]:
    """What the metrics are told of each finished request, from now on."""
    told: list[UsageRecord] = []
    metrics = bench.container.metrics()
    finished = metrics.finished

    def record(usage: UsageRecord) -> None:
        told.append(usage)
        finished(usage)

    metrics.finished = record
    return told


@pytest.mark.parametrize("phase", PHASES)
async def test_the_upstream_call_ends(tmp_path: Path, phase: str) -> None:
    """The lab sees its client go, and the connection is not kept for another request."""
    fault, stream, after = PHASES[phase]
    async with rig(tmp_path, fault, timeouts=PATIENT) as bench:
        await leave(bench, stream=stream, after=after)
        await bench.until(lambda: bench.only_call().state == "client_gone")
        await bench.until(lambda: bench.lab.counts.open == 0)


@pytest.mark.parametrize("phase", PHASES)
async def test_it_is_told_as_what_it_was(tmp_path: Path, phase: str) -> None:
    """One decision, one cancelled attempt, one disconnect; no failure of the provider."""
    fault, stream, after = PHASES[phase]
    async with rig(tmp_path, fault, timeouts=PATIENT) as bench:
        await leave(bench, stream=stream, after=after)
        await bench.until(lambda: bench.only_call().state == "client_gone")
        metrics = bench.metrics()
        assert bench.events() == ["route_select"]
        assert metrics[("attempts_total", "cancelled", "one")] == 1
        assert metrics[("client_disconnects_total",)] == 1
        assert metrics[("requests_total", "m", "one", "client_closed", str(stream).lower())] == 1
        assert ("streams_truncated_total",) not in metrics


@pytest.mark.parametrize("phase", PHASES)
async def test_the_time_until_it_left_is_the_upstreams(tmp_path: Path, phase: str) -> None:
    """The attempt is in what is told of the request: none of its time counts as the gateway's own."""
    fault, stream, after = PHASES[phase]
    async with rig(tmp_path, fault, timeouts=PATIENT) as bench:
        told = tell(bench)
        await leave(bench, stream=stream, after=after)
        await bench.until(lambda: bool(told))
        assert [attempt.outcome for attempt in told[0].attempts] == ["cancelled"]
        assert told[0].upstream_ms == told[0].attempts[0].duration_ms


async def test_waits_between_attempts_are_nobodys_overhead(tmp_path: Path) -> None:
    """A wait that an upstream asked for is told apart from the gateway's own share."""
    async with rig(tmp_path, "503+retry-after=1", fallback=False) as bench:
        told = tell(bench)
        await bench.ask(stream=False)
        assert len(told[0].attempts) > 1
        assert told[0].waited_ms >= 1000
        assert told[0].duration_ms >= told[0].upstream_ms + told[0].waited_ms


async def test_leaving_during_a_backoff_ends_the_request(tmp_path: Path) -> None:
    """No call is made for a client that is no longer there."""
    async with rig(tmp_path, "503+retry-after=2", fallback=False) as bench:
        await leave(bench, stream=False, after=b"")
        await bench.until(lambda: bench.container.admission().in_flight == 0)
        assert len(bench.lab.log.records) == 1


async def test_leaving_does_not_open_the_breaker(tmp_path: Path) -> None:
    """However many leave: the provider did nothing wrong."""
    async with rig(tmp_path, "stall@2", timeouts=PATIENT) as bench:
        for _ in range(12):
            async with bench.exchange(stream=True) as exchange:
                await exchange.until(b"ipsum")
        await bench.until(lambda: bench.lab.counts.in_flight == 0)
        assert bench.container.health().view().of("one/m").available
