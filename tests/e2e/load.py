"""Load: plain chat requests over kept-alive connections, and the decisions that were answered."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from urllib.parse import urlsplit

BODY = json.dumps({"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]})
CONNECTIONS = 4


def ask(url: str, times: int) -> list[str]:
    """The decision ids of `times` answers, all of them 200."""
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        parts = threads.map(lambda _: _ask(url, times // CONNECTIONS), range(CONNECTIONS))
        return [decision for part in parts for decision in part]


def ask_until_gone(url: str, answered: list[str]) -> None:
    """As fast as it goes until the gateway is no longer there; `answered` gets the ids as they come."""
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(lambda _: _ask(url, None, answered), range(CONNECTIONS)))


def _ask(url: str, times: int | None, answered: list[str] | None = None) -> list[str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    decisions = [] if answered is None else answered
    try:
        for _ in count() if times is None else range(times):
            connection.request("POST", "/v1/chat/completions", BODY, {"content-type": "application/json"})
            answer = connection.getresponse()
            whole = answer.read()
            assert answer.status == 200, whole
            decisions.append(answer.headers["x-decision-id"])
    except (OSError, http.client.HTTPException):
        if times is not None:
            raise
    finally:
        connection.close()
    return decisions
