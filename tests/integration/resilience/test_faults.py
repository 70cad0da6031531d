"""Each fault, plain and streamed, with and without fallback: bytes, attempts, events and metrics."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from llm_gateway.application.drill_case import FAULTS, ClientView
from tests.integration.resilience.rig import RETRY, rig


@dataclass(frozen=True)
class Row:
    """`tries` are the attempts on the provider at fault; `moves` says that another one is asked next.

    `status` and `code` are what the client is told when there is none."""

    tries: tuple[str, ...]
    moves: bool
    status: int
    code: str


def refused(status: int, code: str, *, moves: bool = False, told: int | None = None) -> Row:
    return Row((f"refused:{status}",), moves, told or status, code)


def rejected(status: int, code: str = "upstream_error") -> Row:
    return Row((f"rejected:{status}",) * 2, True, status, code)


def unknown(status: int, code: str) -> Row:
    return Row(("unknown",), False, status, code)


EXPECTED = {
    "400": refused(400, "upstream_error"),
    "413": refused(413, "request_too_large"),
    "401": refused(401, "invalid_api_key", moves=True, told=502),
    "403": refused(403, "unsupported_country_region_territory", moves=True, told=502),
    "404": refused(404, "model_not_found", moves=True),
    "429": rejected(429, "rate_limit_exceeded"),
    "429+retry-after=1": rejected(429, "rate_limit_exceeded"),
    "503+retry-after=1": rejected(503, "overloaded"),
    "500": rejected(500),
    "502": rejected(502),
    "503": rejected(503, "overloaded"),
    "529": rejected(529, "overloaded"),
    "200-with-error": rejected(502),
    "unreachable": Row(("not_sent",) * 2, True, 502, "upstream_unreachable"),
    "slow-first-byte=60s": unknown(504, "upstream_first_byte_timeout"),
    "half-open": unknown(504, "upstream_first_byte_timeout"),
    "reset": unknown(502, "upstream_disconnected"),
    "early-close": unknown(502, "upstream_disconnected"),
    "garbage-headers": unknown(502, "upstream_malformed"),
    "cut@0": unknown(502, "upstream_disconnected"),
    "stall@0": unknown(504, "upstream_idle_timeout"),
    "cut@3": unknown(502, "upstream_disconnected"),
    "stall@3": unknown(504, "upstream_idle_timeout"),
    "malformed@3": unknown(502, "upstream_malformed"),
    "error@3": rejected(500),
}
# A stream whose head came and nothing else: nobody has seen any of it, so it moves on.
BEGUN_WITHOUT_CONTENT = {"cut@0", "stall@0"}
CAUSE_OF_CUT = {
    "cut@3": "upstream_disconnected",
    "stall@3": "upstream_idle_timeout",
    "malformed@3": "upstream_malformed",
    "error@3": "upstream_error",
}
# The same target is not asked again while another one has room.
GONE_AT_ONCE = {"429", "429+retry-after=1", "503+retry-after=1", "529"}
HARMLESS = ("lorem", "huge", "no-done", "close")


def expected(fault: str, stream: bool) -> Row:
    row = EXPECTED[fault]
    return replace(row, moves=True) if stream and fault in BEGUN_WITHOUT_CONTENT else row


STREAMS = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


def content_of(view: ClientView, *, stream: bool) -> str:
    if not stream:
        return str(json.loads(view.body)["choices"][0]["message"]["content"])
    chunks = [json.loads(payload) for payload in view.payloads() if payload != "[DONE]"]
    deltas = [choice["delta"] for chunk in chunks if "error" not in chunk for choice in chunk["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


def test_the_drill_knows_no_fault_that_is_not_tested_here() -> None:
    """And the other way round, but for the fault that heals."""
    assert {fault.name for fault in FAULTS} == {*EXPECTED, *HARMLESS, "flaky=2"}


@STREAMS
@pytest.mark.parametrize("fault", HARMLESS)
async def test_an_oddity_is_no_failure(tmp_path: Path, fault: str, stream: bool) -> None:
    """One call, a whole answer."""
    async with rig(tmp_path, fault) as bench:
        view = await bench.ask(stream=stream)
        assert view.ending() == "answer" and bench.called() == ["one"]
        assert bench.events() == ["route_select"]


@STREAMS
@pytest.mark.parametrize("fault", [name for name in EXPECTED if name not in CAUSE_OF_CUT])
async def test_with_a_fallback(tmp_path: Path, fault: str, stream: bool) -> None:
    """What is safe to repeat is answered by the next provider, whose bytes are all that the client sees."""
    row = expected(fault, stream)
    tries = row.tries[:1] if fault in GONE_AT_ONCE else row.tries
    async with rig(tmp_path, fault) as bench:
        view = await bench.ask(stream=stream)
        if row.moves:
            assert view.ending() == "answer" and content_of(view, stream=stream).startswith("lorem ipsum")
            last = "streaming" if stream else "completed:200"
            assert view.attempts() == [*(f"one/m={how}" for how in tries), f"two/m={last}"]
            assert bench.events() == ["route_select", "route_fallback"]
            assert view.headers["x-gateway-provider"] == "two"
        else:
            assert (view.status, view.error()["code"]) == (row.status, row.code)
            assert view.attempts() == [f"one/m={how}" for how in tries] and "two" not in bench.called()
            assert bench.events() == ["route_select"]
        metrics = bench.metrics()
        outcome = row.tries[0].partition(":")[0]
        assert metrics[("attempts_total", outcome, "one")] == len(tries)
        assert metrics.get(("fallbacks_total", "one", outcome, "two")) == (1 if row.moves else None)
        provider, status = ("two", "200") if row.moves else ("one", str(row.status))
        assert metrics[("requests_total", "m", provider, status, str(stream).lower())] == 1


@STREAMS
@pytest.mark.parametrize("fault", [name for name in EXPECTED if name not in CAUSE_OF_CUT])
async def test_without_a_fallback(tmp_path: Path, fault: str, stream: bool) -> None:
    """The last upstream error, translated, with every attempt; nobody else is asked."""
    row = expected(fault, stream)
    async with rig(tmp_path, fault, fallback=False) as bench:
        view = await bench.ask(stream=stream)
        error = view.error()
        assert view.ending() == "error" and (view.status, error["code"]) == (row.status, row.code)
        assert view.attempts() == [f"one/m={how}" for how in row.tries]
        assert [attempt["outcome"] for attempt in error["attempts"]] == [
            how.partition(":")[0] for how in row.tries
        ]
        assert set(bench.called()) <= {"one"}
        assert bench.events() == ["route_select", *(["route_reject"] if row.moves else [])]
        metrics = bench.metrics()
        assert metrics[("requests_total", "m", "one", str(row.status), str(stream).lower())] == 1
        assert ("streams_truncated_total",) not in metrics


@pytest.mark.parametrize("fallback", [True, False])
@pytest.mark.parametrize("fault", CAUSE_OF_CUT)
async def test_a_stream_that_breaks_after_content(tmp_path: Path, fault: str, fallback: bool) -> None:
    """What came, one error event, no [DONE], no end of the body; and nobody is asked again."""
    async with rig(tmp_path, fault, fallback=fallback) as bench:
        view = await bench.ask(stream=True)
        assert view.ending() == "truncated" and b'finish_reason":"' not in view.body
        assert view.error()["code"] == "stream_truncated"
        assert view.error()["cause"] == CAUSE_OF_CUT[fault]
        told = 2 if fault == "malformed@3" else 3
        assert len(content_of(view, stream=True).split()) == told
        assert view.attempts() == ["one/m=streaming"] and bench.called() == ["one"]
        assert bench.events() == ["route_select"]
        metrics = bench.metrics()
        assert metrics[("attempts_total", "partial", "one")] == metrics[("streams_truncated_total",)] == 1
        assert metrics[("requests_total", "m", "one", "truncated", "true")] == 1


@pytest.mark.parametrize("fallback", [True, False])
@pytest.mark.parametrize("fault", CAUSE_OF_CUT)
async def test_a_plain_body_that_breaks(tmp_path: Path, fault: str, fallback: bool) -> None:
    """Nothing of it reaches the client, who is told in the usual way."""
    row = expected(fault, stream=False)
    async with rig(tmp_path, fault, fallback=fallback) as bench:
        view = await bench.ask(stream=False)
        if row.moves and fallback:
            assert view.ending() == "answer" and bench.called() == ["one", "one", "two"]
        else:
            assert (view.status, view.error()["code"]) == (row.status, row.code)
            assert view.attempts() == [f"one/m={how}" for how in row.tries]


@STREAMS
async def test_a_passing_failure_is_retried(tmp_path: Path, stream: bool) -> None:
    """On the same provider; the client sees the answer only."""
    async with rig(tmp_path, "flaky=1", fallback=False) as bench:
        view = await bench.ask(stream=stream)
        assert view.ending() == "answer" and bench.called() == ["one", "one"]
        assert bench.events() == ["route_select"]


@STREAMS
@pytest.mark.parametrize("fault", ["reset", "cut@0", "slow-first-byte=60s"])
async def test_what_may_have_run_moves_on_when_configured(tmp_path: Path, fault: str, stream: bool) -> None:
    """`retry.unknown: next_target`: the operator prefers an answer to being billed once."""
    async with rig(tmp_path, fault, retry=replace(RETRY, unknown="next_target")) as bench:
        view = await bench.ask(stream=stream)
        assert view.ending() == "answer" and bench.called() == ["one", "two"]
        assert bench.events() == ["route_select", "route_fallback"]


async def test_what_may_have_run_is_repeated_when_the_client_says_so(tmp_path: Path) -> None:
    """`Idempotency-Key`: a second call on the same provider, within the usual bounds."""
    async with rig(tmp_path, "reset") as bench:
        view = await bench.ask(stream=False, headers={"Idempotency-Key": "k-1"})
        assert view.attempts() == ["one/m=unknown", "one/m=unknown"]
