"""Where an answer breaks off under each fault."""

from __future__ import annotations

import json

import pytest

from llm_gateway.entrypoints.lab.behaviour import parse_behaviour
from llm_gateway.entrypoints.lab.script import Step, plain_body, plain_script, stream_script
from llm_gateway.entrypoints.lab.wire import WireEvent

EVENTS = [
    WireEvent("frame", b'{"start":1}'),
    WireEvent("content", b'{"n":1}'),
    WireEvent("content", b'{"n":2}'),
    WireEvent("content", b'{"n":3}'),
    WireEvent("closing", b'{"stop":1}'),
    WireEvent("done", b"[DONE]"),
]
ERROR = WireEvent("frame", b'{"error":1}', b"error")


def steps(model: str) -> list[Step]:
    return list(stream_script(iter(EVENTS), parse_behaviour(model), b"\n", ERROR))


def payloads(model: str) -> list[bytes]:
    return [step.data.partition(b"data: ")[2].strip() for step in steps(model) if step.do == "send"]


def test_without_a_fault_everything_is_sent() -> None:
    """And only content counts as content."""
    assert payloads("lorem") == [event.data for event in EVENTS]
    assert [step.content for step in steps("lorem")] == [False, True, True, True, False, False]


@pytest.mark.parametrize(("at", "sent"), [(0, 1), (2, 3), (3, 4), (99, 4)])
@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_a_break_comes_after_n_content_events(fault: str, at: int, sent: int) -> None:
    """An answer with fewer is never closed properly."""
    assert len(payloads(f"{fault}@{at}")) == sent
    assert steps(f"{fault}@{at}")[-1].do == fault


@pytest.mark.parametrize(("at", "sent"), [(0, 1), (2, 3), (99, 4)])
def test_an_error_event_is_the_last(at: int, sent: int) -> None:
    """With its name, where the dialect names it."""
    assert payloads(f"error@{at}")[sent:] == [ERROR.data]
    assert steps(f"error@{at}")[-1].data.startswith(b"event: error\n")


@pytest.mark.parametrize(("at", "spoilt"), [(1, 1), (3, 3), (99, 4)])
def test_only_the_nth_event_is_malformed(at: int, spoilt: int) -> None:
    """The rest of the stream goes on as if nothing were."""
    broken = []
    for index, payload in enumerate(payloads(f"malformed@{at}")[:-1]):
        try:
            json.loads(payload)
        except ValueError:
            broken.append(index)
    assert broken == [spoilt]


def test_no_done_ends_after_the_closing_event() -> None:
    """The terminal event itself is sent."""
    assert payloads("no-done")[-1] == b'{"stop":1}'


def test_200_with_error_sends_nothing_else() -> None:
    """The first event is the error."""
    assert payloads("200-with-error") == [ERROR.data]


@pytest.mark.parametrize(("at", "length"), [(0, 0), (3, 3), (500, 50)])
def test_a_plain_body_is_cut_at_half_at_the_latest(at: int, length: int) -> None:
    """So that it never arrives whole."""
    *sent, last = plain_script(b"x" * 100, parse_behaviour(f"cut@{at}"))
    assert sum(len(step.data) for step in sent) == length
    assert last.do == "cut"


def test_a_malformed_body_is_not_json() -> None:
    """It ends too early."""
    with pytest.raises(ValueError, match=r"delimiter|Expecting|Unterminated"):
        json.loads(plain_body(b'{"a":[1]}', parse_behaviour("malformed@1")))
