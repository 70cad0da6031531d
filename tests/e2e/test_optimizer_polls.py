"""What the optimizer polls of a started gateway."""

from __future__ import annotations

import httpx
import pytest

CHAT = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}


def test_weights(http: httpx.Client) -> None:
    """Those in force, under the hash that everybody reports."""
    found = http.get("/api/v1/weights").json()
    assert [provider["id"] for provider in found["providers"]] == ["lab"]
    assert found["snapshot_hash"] == http.get("/health").json()["snapshot_hash"]


def test_decisions_newest_first(http: httpx.Client) -> None:
    """The contract's fields only: no replay part, no chain."""
    ids = [http.post("/v1/chat/completions", json=CHAT).headers["x-decision-id"] for _ in range(3)]
    found = http.get("/api/v1/routing/decisions?limit=3").json()["decisions"]
    assert [event["execution_ref"] for event in found] == ids[::-1]
    assert len(found[0]) == 14


def test_decisions_since(http: httpx.Client) -> None:
    """In either form of time; from tomorrow on there are none."""
    first = http.post("/v1/chat/completions", json=CHAT).headers["x-decision-id"]
    (event,) = http.get("/api/v1/routing/decisions?limit=1").json()["decisions"]
    since = {"since": event["timestamp"]}
    found = http.get("/api/v1/routing/decisions", params=since).json()["decisions"]
    assert first in {decision["execution_ref"] for decision in found}
    assert http.get("/api/v1/routing/decisions?since=9999999999").json() == {"decisions": []}


@pytest.mark.parametrize("query", ["since=soon", "since=-1", "limit=0", "limit=many"])
def test_a_query_that_says_nothing(http: httpx.Client, query: str) -> None:
    """400 that names it."""
    answer = http.get(f"/api/v1/routing/decisions?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == query.partition("=")[0]


def test_traffic_and_health(http: httpx.Client) -> None:
    """The same figures as everywhere."""
    http.post("/v1/chat/completions", json=CHAT)
    stats = http.get("/api/v1/traffic/stats").json()
    assert stats["providers"]["lab"]["requests"] >= 1
    assert stats["requests"] == http.get("/agents/status").json()["requests_processed"]
    assert http.get("/api/v1/health").json() == {"status": "healthy"}
