"""Waits: comments for a slow first token, cooldowns sat out within bounds, bulkheads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from llm_gateway.application.configuration import BulkheadSettings, GatewayConfiguration
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.entrypoints.container import Container
from tests.integration.resilience.rig import rig

PATIENT = Timeouts(connect=1.0, first_byte=60.0, idle=60.0, total=60.0)
PING = b": ping\n\n"
NO_RETRIES = {"X-Stainless-Retry-Count": "1"}
Configure = Callable[[GatewayConfiguration], GatewayConfiguration]


def only_one(configuration: GatewayConfiguration) -> GatewayConfiguration:
    return replace(configuration, providers=configuration.providers[:1])


def impatient_keepalive(container: Container) -> None:
    container.complete_chat.add_kwargs(keepalive=0.03)


def bulkhead(**values: Any) -> Configure:
    def configure(configuration: GatewayConfiguration) -> GatewayConfiguration:
        settings = replace(BulkheadSettings(), **values)
        return replace(configuration, resilience=replace(configuration.resilience, bulkhead=settings))

    return configure


async def test_comments_keep_a_slow_stream_alive(tmp_path: Path) -> None:
    """They come before the first event, and then the answer as if nothing had been."""
    slow = "lorem+slow-first-byte=200ms"
    async with rig(tmp_path, slow, timeouts=PATIENT, prepare=impatient_keepalive) as bench:
        view = await bench.ask(stream=True)
        assert view.body.startswith(PING * 2) and view.ending() == "answer"
        assert PING not in view.body.lstrip(b": ping\n")


async def test_an_error_after_comments_is_said_in_the_stream(tmp_path: Path) -> None:
    """The status has gone out; the error has its own code, and there is no [DONE]."""
    limits = replace(PATIENT, first_byte=0.15)
    async with rig(
        tmp_path, "half-open", timeouts=limits, prepare=impatient_keepalive, fallback=False
    ) as bench:
        view = await bench.ask(stream=True)
        assert view.body.startswith(PING) and view.ending() == "truncated"
        assert view.error()["code"] == "upstream_first_byte_timeout"


async def test_comments_do_not_commit(tmp_path: Path) -> None:
    """A failure after them still falls back, and the client sees one whole answer."""
    fault = "503+slow-first-byte=100ms"
    async with rig(tmp_path, fault, timeouts=PATIENT, prepare=impatient_keepalive) as bench:
        view = await bench.ask(stream=True)
        assert view.body.startswith(PING) and view.ending() == "answer"
        assert bench.called()[-1] == "two"


async def test_a_plain_answer_gets_no_comments(tmp_path: Path) -> None:
    """There is nowhere to put them."""
    slow = "lorem+slow-first-byte=100ms"
    async with rig(tmp_path, slow, timeouts=PATIENT, prepare=impatient_keepalive) as bench:
        view = await bench.ask(stream=False)
        assert view.ending() == "answer" and PING not in view.body


async def test_a_short_cooldown_is_sat_out(tmp_path: Path) -> None:
    """The second request waits for what the first one was told, instead of failing or calling at once."""
    async with rig(tmp_path, "429+retry-after=1", fallback=False, configure=only_one) as bench:
        await bench.ask(stream=False, headers=NO_RETRIES)
        view = await bench.ask(stream=False, headers=NO_RETRIES)
        first, second = bench.lab.log.records
        assert second.arrived_at - first.arrived_at > 0.99
        assert view.attempts() == ["one/m=rejected:429"]
        assert bench.events() == [
            "route_select",
            "route_reject",
            "route_reject",
            "route_select",
            "route_reject",
        ]


async def test_a_long_cooldown_is_not(tmp_path: Path) -> None:
    """429 at once with what is left of it, and no call."""
    async with rig(tmp_path, "429+retry-after=60", fallback=False, configure=only_one) as bench:
        await bench.ask(stream=False, headers=NO_RETRIES)
        view = await bench.ask(stream=False, headers=NO_RETRIES)
        assert (view.status, view.error()["code"]) == (429, "rate_limit_exceeded")
        # Published waits are up to half a second too long, and the header's seconds are rounded up.
        assert 55 <= int(view.headers["retry-after"]) <= 61
        assert len(bench.called()) == 1


async def test_beyond_the_bulkhead_and_its_queue_is_503(tmp_path: Path) -> None:
    """With Retry-After; those inside are served."""
    configure = bulkhead(max_in_flight=1, max_queue=1, queue_timeout=30.0)
    async with rig(tmp_path, "stall@1", timeouts=PATIENT, configure=configure) as bench:
        async with bench.exchange(stream=True) as first:
            await first.until(b"lorem")
            second = asyncio.create_task(bench.ask(stream=True))
            await bench.until(lambda: bench.container.admission().waiting == 1)
            third = await bench.ask(stream=True)
            assert (third.status, third.error()["code"]) == (503, "gateway_overloaded")
            assert int(third.headers["retry-after"]) >= 1
        await bench.until(lambda: len(bench.lab.log.records) == 2)
        second.cancel()


async def test_a_full_provider_is_passed_over(tmp_path: Path) -> None:
    """`max_concurrent`: the next one takes the request, without an attempt on the first."""

    def one_at_a_time(configuration: GatewayConfiguration) -> GatewayConfiguration:
        one, two = configuration.providers
        return replace(configuration, providers=(replace(one, max_concurrent=1), two))

    async with rig(tmp_path, "stall@1", timeouts=PATIENT, configure=one_at_a_time) as bench:
        async with bench.exchange(stream=True) as first:
            await first.until(b"lorem")
            view = await bench.ask(stream=False)
            assert view.attempts() == ["two/m=completed:200"]
        assert bench.events() == ["route_select", "route_select"]


def one_call_at_a_time(configuration: GatewayConfiguration) -> GatewayConfiguration:
    alone = only_one(configuration)
    full = tuple(replace(account, max_concurrent=1) for account in alone.providers)
    return replace(alone, providers=full)


async def test_when_every_provider_is_full_a_request_waits_its_turn(tmp_path: Path) -> None:
    """It is served as soon as the call before it has ended."""
    async with rig(
        tmp_path, "slow-first-byte=500ms", fallback=False, timeouts=PATIENT, configure=one_call_at_a_time
    ) as bench:
        both = await asyncio.gather(bench.ask(stream=False), bench.ask(stream=False))
        assert [view.status for view in both] == [200, 200]
        assert bench.lab.counts.peak_in_flight == 1
        assert bench.events() == ["route_select", "route_reject", "route_select"]


async def test_beyond_the_queue_of_a_full_provider_is_503(tmp_path: Path) -> None:
    """With Retry-After, and a code that sends nobody looking for a missing key."""
    no_queue = bulkhead(max_in_flight=9, max_queue=0, queue_timeout=30.0)
    async with rig(
        tmp_path,
        "stall@1",
        fallback=False,
        timeouts=PATIENT,
        configure=lambda c: no_queue(one_call_at_a_time(c)),
    ) as bench:
        async with bench.exchange(stream=True) as first:
            await first.until(b"lorem")
            view = await bench.ask(stream=False)
            assert (view.status, view.error()["code"]) == (503, "gateway_overloaded")
            assert view.headers["retry-after"] == "1"
        assert bench.events() == ["route_select", "route_reject"]
