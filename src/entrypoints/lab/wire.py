"""What one of the lab's dialects provides, and how an event is framed on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from llm_gateway.entrypoints.lab.content import LabAnswer
from llm_gateway.entrypoints.lab.prompt import Prompt

CREATED = 1_735_689_600
"""2025-01-01T00:00:00Z, the moment of every answer: equal requests give equal bytes."""


class WireEvent(NamedTuple):
    """`role` is what faults count: `frame` is structure around the content, `closing` tells the end of the
    answer, `done` is OpenAI's `[DONE]`."""

    role: Literal["frame", "content", "closing", "done"]
    data: bytes
    name: bytes = b""


class Call(NamedTuple):
    """What a request's target says beside its body: `model` and `stream` are in the path for Google only."""

    digest: str
    headers: Mapping[bytes, bytes]
    model: str | None = None
    stream: bool | None = None


class Wire(Protocol):
    """`prompt` raises BadPrompt; `error` is a body, `error_event` the same thing told inside a stream."""

    name: str
    newline: bytes
    request_id_header: bytes

    def prompt(self, document: dict[str, Any], call: Call) -> Prompt: ...

    def body(self, prompt: Prompt, answer: LabAnswer) -> bytes: ...

    def events(self, prompt: Prompt, answer: LabAnswer) -> Iterator[WireEvent]: ...

    def error(self, status: int, message: str, retry_after: int | None = None) -> bytes: ...

    def error_event(self, status: int, message: str) -> WireEvent: ...


def framed(event: WireEvent, newline: bytes) -> bytes:
    """A server-sent event."""
    head = b"event: %s%s" % (event.name, newline) if event.name else b""
    return b"%sdata: %s%s%s" % (head, event.data, newline, newline)
