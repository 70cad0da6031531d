"""DecisionEvent: exactly the contract, and nothing that breaks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.decision import Confidence
from llm_gateway.domain.decision_event import EVENT_FIELDS, InvalidDecisionEvent, timestamp
from tests.samples.decisions import DECISIONS, FALLBACK, REJECT, SELECT, event


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_the_document_has_exactly_the_contracts_fields(decision_type: str) -> None:
    """No more, no fewer, in canonical order."""
    document = event(DECISIONS[decision_type]).document()
    assert tuple(document) == EVENT_FIELDS == tuple(sorted(document))
    assert document["decision_type"] == decision_type


def test_evidence_names_everything_it_rests_on() -> None:
    """Request and snapshot always, the trace when there is one, the earlier decision on a fallback."""
    assert event().evidence_refs == ("request:req-1", f"snapshot:{'cd' * 32}")
    full = event(FALLBACK, trace_id="t" * 32, previous="d-1")
    assert full.evidence_refs[2:] == (f"trace:{'t' * 32}", "decision:d-1")


def test_a_rejection_selects_nothing_and_says_why() -> None:
    """Nulls are written out, and the reason starts with the code that the client sees."""
    outputs = event(REJECT).document()["outputs"]
    assert outputs["selected_provider"] is None
    assert outputs["selected_model"] is None
    assert outputs["rejection_reason"] == "no_healthy_providers: NoHealthyProviders: all open"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agent_version": "1.2"}, "agent_version"),
        ({"agent_version": "01.2.3"}, "agent_version"),
        ({"agent_version": "1.2.3-" + "a" * 30}, "agent_version"),
        ({"inputs_hash": "AB" * 32}, "inputs_hash"),
        ({"inputs_hash": "ab" * 31}, "inputs_hash"),
        ({"decision_id": ""}, "execution_ref"),
        ({"decision_id": "x" * 257}, "execution_ref"),
    ],
)
def test_a_field_outside_its_bounds_is_named(change: dict[str, Any], field: str) -> None:
    """The message is the guide's: `Validation failed for DecisionEvent`, then the field."""
    with pytest.raises(InvalidDecisionEvent, match=f"^Validation failed for DecisionEvent: {field} ") as info:
        event(**change)
    assert info.value.field == field


@pytest.mark.parametrize("name", ["rule_match", "availability", "overall"])
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_confidence_is_between_0_and_1(name: str, value: float) -> None:
    """NaN is neither."""
    confidence = replace(Confidence(rule_match=1.0, availability=1.0, overall=1.0), **{name: value})
    with pytest.raises(InvalidDecisionEvent, match=f"confidence.{name}"):
        event(replace(SELECT, confidence=confidence))


@pytest.mark.parametrize(
    "change",
    [
        {"decision_type": "route_guess"},
        {"timestamp": "2023-11-14 22:13:20"},
        {"decision_type": "route_reject"},
    ],
)
def test_an_event_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    """Types outside the contract, other time formats, a rejection without a reason."""
    with pytest.raises(InvalidDecisionEvent):
        replace(event(), **change)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000.123, "2023-11-14T22:13:20.123Z"),
        (1_700_000_000.9996, "2023-11-14T22:13:21.000Z"),
        (951_782_400.5, "2000-02-29T00:00:00.500Z"),
    ],
)
def test_timestamps_are_utc_with_milliseconds(time: float, text: str) -> None:
    """RFC 3339, rounded to the nearest millisecond."""
    assert timestamp(time) == text


def test_equal_decisions_give_equal_bytes() -> None:
    """Nothing in an event comes from anywhere but its arguments."""
    assert canonical(event().document()) == canonical(event().document())
