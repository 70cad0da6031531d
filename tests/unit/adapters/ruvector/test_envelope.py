"""The body for ruvector-service: the contract's members, and nothing that its database chokes on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.ruvector.envelope import MOST_BYTES, Unsendable, envelope
from tests.samples.decisions import record


@pytest.fixture
def line() -> bytes:
    return Chain().seal(record()).rstrip(b"\n")


def with_model(line: bytes, model: str) -> bytes:
    return line.replace(b'"selected_model":"gpt-4o"', b'"selected_model":' + json.dumps(model).encode())


def test_the_record_travels_as_it_is(line: bytes) -> None:
    """Its bytes, inside the contract's envelope."""
    body = envelope(line)
    document = json.loads(body)
    payload = json.loads(line)
    assert line in body
    assert document == {
        "type": payload["decision_type"],
        "runId": payload["execution_ref"],
        "source": "llm-inference-gateway",
        "timestamp": payload["timestamp"],
        "payload": payload,
    }


@pytest.mark.parametrize(
    ("text", "sent"), [("a\0b", "a\ufffdb"), ("\\u0000", "\\u0000"), ("\\\0", "\\\ufffd"), ("ü\0", "ü\ufffd")]
)
def test_nul_is_replaced_and_what_only_looks_like_it_stays(line: bytes, text: str, sent: str) -> None:
    """PostgreSQL cannot hold NUL; a backslash followed by u0000 is something else."""
    document = json.loads(envelope(with_model(line, text)))
    assert document["payload"]["outputs"]["selected_model"] == sent


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_arrives_without_nul_and_otherwise_unchanged(text: str) -> None:
    """Model names are the client's choice."""
    line = with_model(Chain().seal(record()).rstrip(b"\n"), text)
    document = json.loads(envelope(line))
    assert document["payload"]["outputs"]["selected_model"] == text.replace("\0", "\ufffd")


def unsendable() -> Iterator[tuple[str, bytes]]:
    good = json.loads(Chain().seal(record()))
    yield "not a decision record", b"\0\0\0"
    yield "not a decision record", b'{"sequence":1}'
    yield "not a decision record", b'{"\\u0000'
    yield "timestamp is empty", json.dumps({**good, "timestamp": ""}).encode()
    yield "more than 100", json.dumps({**good, "decision_type": "x" * 101}).encode()
    yield "more than the service takes", json.dumps({**good, "phase": "x" * MOST_BYTES}).encode()


@pytest.mark.parametrize(("reason", "line"), list(unsendable()), ids=lambda value: str(value)[:30])
def test_what_the_service_would_choke_on_is_not_sent(reason: str, line: bytes) -> None:
    """With the reason for the dead letter."""
    with pytest.raises(Unsendable, match=reason):
        envelope(line)
