"""The drill's judge: each promise holds for what should be seen and is broken by what should not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llm_gateway.application.drill_case import (
    FAULTS,
    ClientView,
    DrillCase,
    Mode,
    Observation,
    UpstreamCall,
)
from llm_gateway.application.judge_drill import PROMISES, expected_ending, judge

STREAM = {"content-type": "text/event-stream"}
CHUNK = b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}\n\n'
LAST = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
ERROR = b'{"error":{"message":"no","type":"t","param":null,"code":"stream_truncated"}}'


def case(fault: str, mode: Mode = "stream") -> DrillCase:
    return DrillCase(model="m", fault=next(each for each in FAULTS if each.name == fault), mode=mode)


def client(
    *body: bytes, complete: bool = True, status: int = 200, attempts: str = "one/m=streaming"
) -> ClientView:
    headers = {**(STREAM if status == 200 else {}), "x-gateway-attempts": attempts}
    return ClientView(status=status, headers=headers, body=b"".join(body), complete=complete)


def call(provider: str = "one", at: float = 0.0, *, open: bool = False) -> UpstreamCall:
    return UpstreamCall(provider_id=provider, arrived_at=at, open=open)


WHOLE = Observation(
    client=client(CHUNK, LAST, DONE), calls=(call(),), decision_types=("route_select",), max_attempts=3
)
CUT = replace(WHOLE, client=client(CHUNK, b"data: ", ERROR, b"\n\n", complete=False))


def broken(drilled: DrillCase, seen: Observation) -> set[str]:
    return {verdict.promise for verdict in judge(drilled, seen) if verdict.broken is not None}


def test_a_whole_answer_keeps_every_promise() -> None:
    """There is one verdict for each."""
    assert [verdict.promise for verdict in judge(case("lorem"), WHOLE)] == list(PROMISES)
    assert broken(case("lorem"), WHOLE) == set()


def test_an_honest_cut_keeps_them_too() -> None:
    """An error event and no end of the body."""
    assert broken(case("cut@3"), CUT) == set()


@pytest.mark.parametrize(
    "body",
    [(CHUNK,), (CHUNK, DONE), (LAST, DONE, DONE), (CHUNK, b"data: ", ERROR, b"\n\n", DONE), ()],
)
def test_a_dressed_up_cut_is_dishonest(body: tuple[bytes, ...]) -> None:
    """Without an error, without an end, with two ends, or with both."""
    seen = replace(CUT, client=client(*body))
    assert "honest" in broken(case("cut@3"), seen)


def test_an_answer_where_a_cut_had_to_be_told_breaks_the_outcome() -> None:
    """Content came twice, or was made up."""
    assert broken(case("cut@3"), WHOLE) == {"outcome"}


def test_another_status_breaks_the_meaning() -> None:
    """A 400 that became a 500."""
    view = client(ERROR, status=500, attempts="one/m=refused:400")
    assert broken(case("400"), replace(WHOLE, client=view)) == {"meaning"}


def test_a_call_that_nobody_told_breaks_the_ledger() -> None:
    """As does an attempt that nobody saw."""
    assert broken(case("lorem"), replace(WHOLE, calls=(call(), call("two")))) == {"ledger"}
    assert broken(case("lorem"), replace(WHOLE, calls=())) == {"ledger"}


def test_an_attempt_not_sent_reaches_nobody() -> None:
    """It is told, and no lab sees it."""
    view = client(CHUNK, LAST, DONE, attempts="one/m=not_sent;two/m=streaming")
    events = ("route_select", "route_fallback")
    seen = replace(WHOLE, client=view, calls=(call("two"),), decision_types=events, alternatives=1)
    assert broken(case("unreachable"), seen) == set()


def test_coming_back_too_early_breaks_patience() -> None:
    """By the provider's own clock; another provider may be called at once."""
    view = client(ERROR, status=503, attempts="one/m=rejected:503;one/m=rejected:503")
    seen = replace(WHOLE, client=view, decision_types=("route_select", "route_reject"))
    early, late = (call(at=0.0), call(at=0.5)), (call(at=0.0), call(at=1.1))
    assert broken(case("503+retry-after=1"), replace(seen, calls=early)) == {"patience"}
    assert broken(case("503+retry-after=1"), replace(seen, calls=late)) == set()


def test_a_call_left_open_breaks_the_release() -> None:
    """After the client has its answer."""
    assert broken(case("cut@3"), replace(CUT, calls=(call(open=True),))) == {"release"}


@pytest.mark.parametrize("events", [(), ("route_select", "route_select"), ("route_select", "route_fallback")])
def test_an_event_too_many_or_too_few_breaks_the_audit(events: tuple[str, ...]) -> None:
    """One decision was made, so there is one event."""
    assert broken(case("lorem"), replace(WHOLE, decision_types=events)) == {"audit"}


@pytest.mark.parametrize(
    ("fault", "mode", "alternatives", "ending"),
    [
        ("500", "plain", 1, "answer"),
        ("500", "plain", 0, "error"),
        ("400", "plain", 1, "error"),
        ("401", "plain", 1, "answer"),
        ("reset", "stream", 1, "error"),
        ("cut@3", "plain", 1, "error"),
        ("cut@3", "stream", 1, "truncated"),
        ("flaky=2", "plain", 0, "answer"),
    ],
)
def test_what_should_be_seen(fault: str, mode: Mode, alternatives: int, ending: str) -> None:
    """As behaviour.md §3 has it."""
    assert expected_ending(case(fault, mode), replace(WHOLE, alternatives=alternatives)) == ending


def test_the_operator_may_let_unknown_move_on() -> None:
    """Then a lost connection is answered by the next target."""
    seen = replace(WHOLE, alternatives=1, moves_when_unknown=True)
    assert expected_ending(case("reset"), seen) == "answer"
