"""Port AnswerChannel: the client's side of one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Headers = Sequence[tuple[bytes, bytes]]


class AnswerChannel(Protocol):
    """Written to by the chat use case, by one task at a time.

    `begun` is True once a head was written: from then on an error can only be said inside the stream.
    `gone` is True once the client has left; whoever serves the channel then cancels the task that uses it.
    Nothing here raises for a client that left: what is written afterwards is dropped.
    """

    begun: bool
    gone: bool

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer."""
        ...

    async def begin(self, headers: Headers) -> None:
        """Head of an event stream: status 200, `text/event-stream`."""
        ...

    async def write(self, data: bytes) -> None:
        """Complete events. Returns when the client can take more (back-pressure)."""
        ...

    async def end(self) -> None:
        """The stream was complete: end it properly."""
        ...

    async def abort(self) -> None:
        """The stream was not complete: close the connection without ending the body."""
        ...
