"""LastAnswer: what the collector said to each thread's last request, read no further than it must be.

The exporter says only whether a batch was taken; what became of it is in the answer.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests

_MOST_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorAnswer:
    """`retry_after` is the header's text. `body` is None when it was longer than is read."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes | None


class LastAnswer:
    def __init__(self) -> None:
        self._last = threading.local()

    def session(self, proxy: str | None) -> requests.Session:
        """One whose answers are kept here. Neither proxies nor `.netrc` credentials of the environment are
        used: the settings say what is."""
        import requests  # opens a socket when it is imported: only where spans are sent

        session = requests.Session()
        session.trust_env = False
        session.stream = True
        session.hooks["response"].append(self._keep)
        if proxy is not None:
            session.proxies = {"http": proxy, "https": proxy}
        return session

    def forget(self) -> None:
        self._last.answer = None

    def answer(self) -> CollectorAnswer | None:
        """None: nobody answered since `forget`."""
        answer: CollectorAnswer | None = self._last.answer
        return answer

    def _keep(self, response: requests.Response, *_arguments: Any, **_named: Any) -> None:
        with response:
            try:
                body = response.raw.read(_MOST_ANSWER_BYTES + 1, decode_content=True)
            except Exception:  # whatever broke it off: the status has said what matters
                body = b""
        self._last.answer = CollectorAnswer(
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            retry_after=response.headers.get("retry-after"),
            body=body if len(body) <= _MOST_ANSWER_BYTES else None,
        )
