"""The explanation: every candidate, in order, with its verdict."""

from __future__ import annotations

import json
from dataclasses import replace

from llm_gateway.domain.decision import Candidate
from llm_gateway.domain.explanation import explanation
from llm_gateway.domain.target import Target
from tests.samples.decisions import REJECT, SELECT


def test_every_candidate_has_a_verdict() -> None:
    """Selected, next in line, usable but not needed, or excluded with the reason."""
    spare = Candidate(target=Target("local", "gpt-4o"), via="default", weight=1)
    candidates = explanation(replace(SELECT, candidates=(*SELECT.candidates, spare)))["candidates"]
    assert [candidate["verdict"] for candidate in candidates] == ["selected", "next:1", "excluded", "spare"]
    assert [candidate["reason"] for candidate in candidates] == [None, None, "excluded by hint", None]
    assert candidates[0]["via"] == "alias:fast"


def test_a_rejection_is_explained() -> None:
    """The code and the message that the client saw."""
    explained = explanation(REJECT)
    assert explained["selected"] is None
    assert explained["rejection"]["code"] == "no_healthy_providers"


def test_an_explanation_is_plain_json() -> None:
    """It goes out as it is, steps included."""
    assert json.loads(json.dumps(explanation(SELECT))) == explanation(SELECT)
    assert explanation(SELECT)["steps"][0]["action"] == "resolve_model"
