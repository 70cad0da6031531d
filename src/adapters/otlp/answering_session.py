"""AnsweringSession: a requests session that keeps each thread's last answer, and reads a bounded part of it.

The exporter says only whether a batch was taken; what became of it is in the answer.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import requests
from typing_extensions import override

_MOST_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorAnswer:
    """`retry_after` is the header's text. `body` is None when it was longer than is read."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes | None


class AnsweringSession(requests.Session):
    """Neither proxies nor `.netrc` credentials of the environment are used: the settings say what is."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self._last = threading.local()

    def answer(self) -> CollectorAnswer | None:
        """What the collector last said to this thread, once; None: nobody answered."""
        answer: CollectorAnswer | None = getattr(self._last, "answer", None)
        self._last.answer = None
        return answer

    @override
    def request(self, method: str, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        self._last.answer = None
        with super().request(method, url, *args, **{**more, "stream": True}) as response:
            body = response.raw.read(_MOST_ANSWER_BYTES + 1, decode_content=True)
            self._last.answer = CollectorAnswer(
                status=response.status_code,
                content_type=response.headers.get("content-type", ""),
                retry_after=response.headers.get("retry-after"),
                body=body if len(body) <= _MOST_ANSWER_BYTES else None,
            )
        return response
