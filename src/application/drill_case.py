"""What a drill is made of: a fault, how it is asked for, and what was seen on both sides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llm_gateway.domain.errors import Outcome

Mode = Literal["plain", "stream"]
Ending = Literal["answer", "truncated", "error", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A lab behaviour, and the outcome class of one attempt that meets it (behaviour.md §3).

    `plain` and `stream` are that class. `status` is the HTTP status that the client gets when it comes to
    that; None: whichever the upstream's dialect means by the error inside. `retry_after` is what the lab
    asks for (seconds), `heals_after` how many attempts meet the fault. `begins` says that a stream's head
    comes before it fails without content.
    """

    name: str
    plain: Outcome
    stream: Outcome
    status: int | None = 200
    retry_after: int | None = None
    heals_after: int | None = None
    begins: bool = False

    def outcome(self, mode: Mode) -> Outcome:
        return self.plain if mode == "plain" else self.stream


def _all(name: str, outcome: Outcome, status: int | None = 200, retry_after: int | None = None) -> Fault:
    return Fault(name=name, plain=outcome, stream=outcome, status=status, retry_after=retry_after)


FAULTS = (
    _all("lorem", "completed"),
    _all("huge", "completed"),
    _all("no-done", "completed"),
    _all("close", "completed"),
    Fault(name="flaky=2", plain="rejected", stream="rejected", status=500, heals_after=2),
    *(_all(str(status), "refused", status) for status in (400, 413)),
    *(_all(str(status), "refused", 502) for status in (401, 403)),
    _all("404", "refused", 404),
    _all("429", "rejected", 429),
    _all("429+retry-after=1", "rejected", 429, 1),
    _all("503+retry-after=1", "rejected", 503, 1),
    *(_all(str(status), "rejected", status) for status in (500, 502, 503, 529)),
    _all("200-with-error", "rejected", None),
    _all("unreachable", "not_sent", 502),
    _all("slow-first-byte=60s", "unknown", 504),
    _all("half-open", "unknown", 504),
    _all("reset", "unknown", 502),
    _all("early-close", "unknown", 502),
    _all("garbage-headers", "unknown", 502),
    Fault(name="cut@0", plain="unknown", stream="unknown", status=502, begins=True),
    Fault(name="stall@0", plain="unknown", stream="unknown", status=504, begins=True),
    Fault(name="cut@3", plain="unknown", stream="partial", status=502),
    Fault(name="stall@3", plain="unknown", stream="partial", status=504),
    Fault(name="malformed@3", plain="unknown", stream="partial", status=502),
    Fault(name="error@3", plain="rejected", stream="partial", status=500),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillCase:
    """`model` is what the client asks for."""

    model: str
    fault: Fault
    mode: Mode

    @property
    def name(self) -> str:
        return f"{self.fault.name} {self.mode}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """What a client received: `complete` says whether the body's framing was ended properly."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    complete: bool

    def payloads(self) -> list[str]:
        """The `data:` of each event of a stream."""
        return [
            line[6:] for line in self.body.decode("utf-8", "replace").split("\n") if line.startswith("data: ")
        ]

    def error(self) -> dict[str, Any]:
        """The error object of the body, or of the last event; empty when there is none."""
        text = self.body.decode("utf-8", "replace")
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            text = (self.payloads() or [""])[-1]
        document = _json(text)
        error = document.get("error") if isinstance(document, dict) else None
        return error if isinstance(error, dict) else {}

    def ending(self) -> Ending:
        """`broken` is everything that a client could mistake for something else."""
        if self.status is None:
            return "broken"
        if self.status != 200:
            return "error" if self.complete and self._well_formed_error() else "broken"
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            return self._stream_ending()
        document = _json(self.body.decode("utf-8", "replace"))
        whole = isinstance(document, dict) and bool(document.get("choices"))
        return "answer" if self.complete and whole else "broken"

    def attempts(self) -> list[str]:
        """The elements of `x-gateway-attempts`."""
        header = self.headers.get("x-gateway-attempts", "")
        return header.split(";") if header else []

    def _well_formed_error(self) -> bool:
        error = self.error()
        return error.keys() >= {"message", "type", "param", "code"} and bool(error["message"])

    def _stream_ending(self) -> Ending:
        payloads = self.payloads()
        done = payloads.count("[DONE]")
        if self.complete:
            finished = any(_finish_reason(payload) for payload in payloads)
            return "answer" if done == 1 and payloads[-1] == "[DONE]" and finished else "broken"
        return "truncated" if done == 0 and self._well_formed_error() else "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamCall:
    """One request as a lab saw it; `arrived_at` in monotonic seconds, `open` when it is still waiting."""

    provider_id: str
    arrived_at: float
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything seen of one case. `decision_types` are those of the events on record, oldest first.

    `alternatives` is how many of the first decision's other targets the fault does not touch;
    `max_attempts` and `moves_when_unknown` are the configuration's.
    """

    client: ClientView
    calls: tuple[UpstreamCall, ...] = ()
    decision_types: tuple[str, ...] = ()
    alternatives: int = 0
    max_attempts: int = 1
    moves_when_unknown: bool = False


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _finish_reason(payload: str) -> bool:
    document = _json(payload)
    choices = document.get("choices") if isinstance(document, dict) else None
    return any(choice.get("finish_reason") for choice in choices or ())
