"""SpanEnvelope: only for who asks properly; the plain answer is inside, byte for byte."""

from __future__ import annotations

import json

import pytest

from llm_gateway.entrypoints.http.span_envelope import SpanEnvelope
from tests.fakes.clock import FakeClock
from tests.fakes.identifiers import FakeIdentifiers

PARENT = b"7f0c1de8-1111-4222-8333-444455556666"


def envelope(execution: bytes | None = b"run-7") -> SpanEnvelope:
    made = SpanEnvelope.asked_for(PARENT, execution, FakeClock(), FakeIdentifiers())
    assert made is not None
    return made


@pytest.mark.parametrize("parent", [None, b"", b"span-1", PARENT + b"0", b"7f0c1de8111142228333444455556666"])
def test_without_a_valid_parent_there_is_none(parent: bytes | None) -> None:
    """No client sees an envelope by accident."""
    assert SpanEnvelope.asked_for(parent, None, FakeClock(), FakeIdentifiers()) is None


def test_a_success() -> None:
    """The agent's span hangs on the service's, that one on the caller's."""
    body = b'{"b": 1,  "a":[1.0]}'
    wrapped = envelope().around(200, {"x-decision-id": "d-1", "x-gateway-provider": "openai"}, body)
    found = json.loads(wrapped)
    repo, (agent,) = found["repo_span"], found["agent_spans"]
    assert body in wrapped
    assert (found["execution_id"], found["success"]) == ("run-7", True)
    assert (repo["parent_span_id"], repo["span_type"], repo["status"]) == (
        PARENT.decode(),
        "repo",
        "succeeded",
    )
    assert (agent["parent_span_id"], agent["span_type"]) == (repo["span_id"], "agent")
    assert agent["artifacts"][0]["reference"] == "d-1"
    assert agent["artifacts"][0]["data"] == {"provider": "openai"}
    assert "failure_reason" not in repo


def test_a_failure_says_why() -> None:
    """The error's own message; without a decision there is no artifact."""
    found = json.loads(envelope().around(404, {}, b'{"error": {"message": "no such model"}}'))
    assert (found["success"], found["repo_span"]["status"]) == (False, "failed")
    assert found["repo_span"]["failure_reason"] == "no such model"
    assert found["agent_spans"][0]["artifacts"] == []


@pytest.mark.parametrize("execution", [None, b"", b"two words", b"x" * 129])
def test_an_execution_without_a_usable_id_gets_one(execution: bytes | None) -> None:
    """One that goes into a header or a log line as it is."""
    assert envelope(execution).execution_id.startswith("018bcfe5")
