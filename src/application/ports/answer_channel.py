"""Port AnswerChannel: the client's side of one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

Headers = Sequence[tuple[bytes, bytes]]
Ending = Literal["complete", "cut"]


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
        """Head of an event stream: status 200, `text/event-stream`. It may wait for the first events, so that
        they go out together."""
        ...

    def write(self, data: bytes) -> bool:
        """Complete events, taken at once and from any callback. False: wait for `drained` before the next."""
        ...

    async def drained(self) -> None:
        """Returns when the client can take more (back-pressure), or has left."""
        ...

    async def end(self, ending: Ending, last: bytes = b"") -> None:
        """`last` are the last events, if any. A stream that is cut closes the connection without ending the
        body, so that no client can take it for a whole one."""
        ...
