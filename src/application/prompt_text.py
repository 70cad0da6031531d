"""PromptText: what the user wrote in a chat request, for the one peer that is asked about it.

It shows nothing of itself: not in a log, not in an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class PromptText:
    """`document` gives the hub request; it is read on first use, so that nobody pays who does not ask."""

    __slots__ = ("_digest", "_document", "_text")

    def __init__(self, document: Callable[[], Mapping[str, Any]]) -> None:
        self._document = document
        self._text: str | None = None
        self._digest: bytes | None = None

    @property
    def text(self) -> str:
        """The texts of all messages with role `user`, one below the other; images and the like left out.

        Raises InvalidRequest when the request cannot be read as a whole.
        """
        if self._text is None:
            self._text = "\n".join(_texts(self._document()))
        return self._text

    @property
    def digest(self) -> bytes:
        """SHA-256 of `text`."""
        if self._digest is None:
            self._digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest()
        return self._digest

    def __repr__(self) -> str:
        return "PromptText(…)"


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    for message in document.get("messages") or ():
        if not isinstance(message, Mapping) or message.get("role") != "user":
            continue
        content = message.get("content")
        for part in content if isinstance(content, list) else [{"text": content}]:
            text = part.get("text") if isinstance(part, Mapping) else None
            if isinstance(text, str) and text:
                yield text
