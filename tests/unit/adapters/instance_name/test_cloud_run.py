"""The metadata server's answers, sound and not."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.instance_name.cloud_run import CloudRunInstance
from tests.fakes.metadata_server import instance_id, metadata_server


def test_it_asks_as_the_metadata_server_wants_it() -> None:
    """Path, host and the header without which it answers 403."""
    asked: list[bytes] = []
    with metadata_server(instance_id("00c527f6d4"), asked) as server:
        assert CloudRunInstance(server).read() == "00c527f6d4"
    assert asked[0].startswith(b"GET /computeMetadata/v1/instance/id HTTP/1.1\r\n")
    assert b"Host: metadata.google.internal\r\n" in asked[0] and b"Metadata-Flavor: Google\r\n" in asked[0]


@pytest.mark.parametrize(
    "answer",
    [
        instance_id("00c5", status="404 Not Found"),
        instance_id("00c5", status="302 Found"),
        instance_id("00c5", flavor="Somebody"),
        instance_id(""),
        instance_id("two\nlines"),
        instance_id("x" * 2000),
        b"HTTP/1.1 200 OK\r\nMetadata-Flavor: Google\r\nContent-Length: 9\r\n\r\n00c5",
        b"not HTTP at all\r\n\r\n",
        b"",
    ],
)
def test_whatever_else_answers_names_nothing(answer: bytes) -> None:
    """Errors, strangers, nonsense, half an answer."""
    with metadata_server(answer) as server:
        assert CloudRunInstance(server).read() is None


def test_a_server_that_never_answers_is_given_up() -> None:
    """After the time limit."""
    with metadata_server(None) as server:
        assert CloudRunInstance(server, timeout=0.05).read() is None
