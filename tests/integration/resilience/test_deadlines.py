"""Deadlines: the client's own, the configured ones, and headers that make no sense."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.ports.upstream_transport import Timeouts
from tests.integration.resilience.rig import rig

PATIENT = Timeouts(connect=1.0, first_byte=60.0, idle=60.0, total=60.0)
NONSENSE = ("-1", "0", "soon", "nan", "inf", "1e9", "", "99999999999999999999", "1s2", "\N{SUPERSCRIPT TWO}")


@pytest.mark.parametrize("stream", [False, True])
async def test_the_clients_deadline_ends_a_wait(tmp_path: Path, stream: bool) -> None:
    """504 with a code of its own: the provider kept within its limits."""
    async with rig(tmp_path, "slow-first-byte=60s", timeouts=PATIENT) as bench:
        view = await bench.ask(stream=stream, headers={"X-Request-Timeout": "100ms"})
        assert (view.status, view.error()["code"]) == (504, "deadline_exceeded")
        assert view.attempts() == ["one/m=unknown"]


async def test_it_cuts_a_stream_honestly(tmp_path: Path) -> None:
    """An error event and no [DONE]."""
    async with rig(tmp_path, "lorem+words=4000+pace=20ms", timeouts=PATIENT) as bench:
        view = await bench.ask(stream=True, headers={"X-Request-Timeout-Ms": "300"})
        assert view.ending() == "truncated" and view.error()["cause"] == "upstream_total_timeout"


async def test_it_bounds_retries(tmp_path: Path) -> None:
    """A wait that would pass the deadline is not begun: the error comes at once."""
    async with rig(tmp_path, "503+retry-after=1", fallback=False) as bench:
        view = await bench.ask(stream=False, headers={"X-Request-Timeout": "500ms"})
        assert view.status == 503 and view.attempts() == ["one/m=rejected:503"]
        assert view.headers["retry-after"] == "1"


async def test_the_sdks_read_timeout_bounds_the_first_byte_of_a_plain_answer(tmp_path: Path) -> None:
    """It would hang up then; told in time, it learns why."""
    async with rig(tmp_path, "slow-first-byte=60s", timeouts=PATIENT) as bench:
        view = await bench.ask(stream=False, headers={"X-Stainless-Read-Timeout": "0.1"})
        assert view.error()["code"] == "upstream_first_byte_timeout"


@pytest.mark.parametrize("value", NONSENSE)
async def test_nonsense_is_passed_over(tmp_path: Path, value: str) -> None:
    """The request is answered as if it had said nothing."""
    async with rig(tmp_path) as bench:
        view = await bench.ask(stream=False, headers={"X-Request-Timeout": value})
        assert view.ending() == "answer"


async def test_nonsense_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not per request, and without the value."""
    with caplog.at_level(logging.WARNING, logger="llm_gateway.inference"):
        async with rig(tmp_path) as bench:
            for _ in range(3):
                await bench.ask(stream=False, headers={"X-Request-Timeout": "soonish"})
    (record,) = [record for record in caplog.records if "deadline header" in record.message]
    assert "soonish" not in record.message


async def test_a_providers_total_limit_has_its_own_code(tmp_path: Path) -> None:
    """It ends the attempt, not the request: another provider's limit is longer."""

    def hasty(configuration: GatewayConfiguration) -> GatewayConfiguration:
        one, two = configuration.providers
        limits = replace(PATIENT, total=0.1)
        return replace(configuration, providers=(replace(one, timeouts=limits), two))

    async with rig(tmp_path, "slow-first-byte=60s", timeouts=PATIENT, configure=hasty) as bench:
        view = await bench.ask(stream=False)
        assert (view.status, view.error()["code"]) == (504, "upstream_total_timeout")
