"""What to do with an answer's bytes under a fault: send them, and where to break off.

Pure: the exchange carries the steps out. A stream breaks before the event that follows the N-th content
event; when an answer has fewer, before the event that would close it: a fault is never silently absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from llm_gateway.entrypoints.lab.behaviour import Behaviour
from llm_gateway.entrypoints.lab.wire import WireEvent, framed

_SLICE = 64 * 1024


class Step(NamedTuple):
    """`cut` closes the connection, `stall` leaves it open, silent; `content` is what is counted and paced."""

    do: Literal["send", "cut", "stall"]
    data: bytes = b""
    content: bool = False


def stream_script(
    events: Iterator[WireEvent], behaviour: Behaviour, newline: bytes, error: WireEvent
) -> Iterator[Step]:
    """The steps of a stream; its end is clean unless the last step says otherwise."""
    breaks, sent, spoilt = behaviour.breaks, 0, False
    if breaks == "200-with-error":
        yield Step("send", framed(error, newline))
        return
    for event in events:
        due = event.role == "closing" or (event.role == "content" and sent >= behaviour.at)
        if due and (breaks == "cut" or breaks == "stall"):
            yield Step(breaks)
            return
        if due and breaks == "error":
            yield Step("send", framed(error, newline))
            return
        if (
            breaks == "malformed"
            and not spoilt
            and (due or sent + 1 == behaviour.at)
            and event.role != "frame"
        ):
            event, spoilt = event._replace(data=_broken(event.data)), True
        if event.role == "done" and not behaviour.done:
            return
        content = event.role == "content"
        sent += content
        yield Step("send", framed(event, newline), content)


def plain_script(body: bytes, behaviour: Behaviour) -> Iterator[Step]:
    """The steps of a body whose whole length was announced; `cut@N` and `stall@N` leave at least half out."""
    end, last = len(body), None
    if behaviour.breaks == "cut" or behaviour.breaks == "stall":
        end, last = min(behaviour.at, len(body) // 2), Step(behaviour.breaks)
    for at in range(0, end, _SLICE):
        yield Step("send", body[at : min(at + _SLICE, end)])
    if last is not None:
        yield last


def plain_body(body: bytes, behaviour: Behaviour) -> bytes:
    """The body, spoilt if `malformed` was asked for; still the length that the head announces."""
    return _broken(body) if behaviour.breaks == "malformed" else body


def _broken(data: bytes) -> bytes:
    """JSON that ends too early (an object never ends before its last brace)."""
    return data[:-2]
