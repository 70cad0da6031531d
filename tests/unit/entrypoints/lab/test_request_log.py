"""What the lab remembers of requests and connections."""

from __future__ import annotations

import hashlib
import json

from llm_gateway.entrypoints.lab import request_log
from llm_gateway.entrypoints.lab.request_log import ConnectionCounts, RequestLog, RequestRecord


def add(log: RequestLog, body: bytes = b"{}", **headers: bytes) -> RequestRecord:
    pairs = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return log.add(method="POST", path="/v1/messages", headers=pairs, body=body, now=1.0)


def test_credentials_are_kept_as_digests_only() -> None:
    """A test can still recognise a key that it knows."""
    shown = json.dumps(add(RequestLog(), authorization=b"Bearer s3cret", x_api_key=b"s3cret").document())
    assert "s3cret" not in shown
    assert hashlib.sha256(b"Bearer s3cret").hexdigest()[:12] in shown


def test_other_headers_are_kept() -> None:
    """In the order received."""
    assert add(RequestLog(), accept=b"*/*", x_tier=b"gold").headers == [("accept", "*/*"), ("x-tier", "gold")]


def test_the_last_thousand_are_kept() -> None:
    """The oldest go first, numbers go on."""
    log = RequestLog()
    for _ in range(request_log.MOST_REQUESTS + 5):
        add(log)
    assert (len(log.records), log.records[0].id, log.find(5)) == (1000, 6, None)


def test_bodies_are_bounded_together() -> None:
    """The oldest lose their bodies, not their records."""
    log, big = RequestLog(), bytes(request_log.MOST_BODY_BYTES // 2)
    first, second, third = (add(log, big) for _ in range(3))
    assert first.body is None and second.body is not None and third.body is not None


def test_clearing_starts_again_at_one() -> None:
    """As if nothing had been asked."""
    log = RequestLog()
    add(log)
    log.clear()
    assert add(log).id == 1


def test_a_finished_request_cannot_lose_its_client() -> None:
    """The first end counts."""
    record = add(RequestLog())
    record.finish(2.0)
    record.lose_client(3.0)
    assert (record.state, record.ended_at, record.client_gone_at) == ("finished", 2.0, None)


def test_peaks_survive_what_made_them() -> None:
    """And a reset begins with what is open now."""
    counts = ConnectionCounts()
    counts.opened()
    counts.opened()
    counts.closed()
    assert (counts.open, counts.total, counts.peak) == (1, 2, 2)
    counts.reset()
    assert (counts.open, counts.total, counts.peak) == (1, 1, 1)
