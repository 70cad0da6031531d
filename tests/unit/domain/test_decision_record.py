"""DecisionRecord: the event's fields and its own, in canonical order, under the published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.decision import Confidence
from llm_gateway.domain.decision_event import EVENT_FIELDS, InvalidDecisionEvent
from llm_gateway.domain.hash_chain import GENESIS, link
from tests.samples.decisions import DECISIONS, EVENT_ID, SELECT, event, record, record_document

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs/schemas/decision-event.schema.json").read_text(encoding="utf-8")
)
EVENT = Draft202012Validator(SCHEMA)
RECORD = Draft202012Validator({**SCHEMA, "$ref": "#/$defs/record", "unevaluatedProperties": True})


def sealed(decision_type: str) -> dict[str, Any]:
    body = record(DECISIONS[decision_type]).text(sequence=1, prev_hash=GENESIS).encode()
    return {**json.loads(body), "hash": link(GENESIS, body)}


def test_the_schema_is_one() -> None:
    """The published file is valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_events_are_valid_by_the_schema(decision_type: str) -> None:
    """Every decision type, with every kind of constraint."""
    EVENT.validate(json.loads(canonical(event(DECISIONS[decision_type]).document())))


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_records_are_valid_by_the_schema(decision_type: str) -> None:
    """What is stored and delivered."""
    RECORD.validate(sealed(decision_type))


@pytest.mark.parametrize("name", [*EVENT_FIELDS, "event_id", "sequence", "prev_hash", "hash", "replay"])
def test_the_schema_misses_every_field(name: str) -> None:
    """A schema that accepts a record without one of its fields would show nothing."""
    incomplete = sealed("route_select")
    del incomplete[name]
    assert not RECORD.is_valid(incomplete)


@pytest.mark.parametrize(
    "place", [(), ("outputs",), ("confidence",), ("replay",), ("constraints_applied", 0)]
)
def test_the_schema_knows_no_other_field(place: tuple[str | int, ...]) -> None:
    """Prompt text has no place to hide in."""
    extended = sealed("route_select")
    inside: Any = extended
    for step in place:
        inside = inside[step]
    inside["prompt"] = "hello"
    assert not RECORD.is_valid(extended)


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_the_record_is_the_event_and_its_own_fields(decision_type: str) -> None:
    """The two are written out separately, for speed: here they are held together."""
    one = record(DECISIONS[decision_type], trace_id="4b" * 16, previous=EVENT_ID)
    expected = record_document(one, sequence=7, prev_hash=GENESIS)
    assert one.text(sequence=7, prev_hash=GENESIS).encode() == canonical(expected)


def test_a_decision_that_no_event_may_carry_is_not_written() -> None:
    """The contract's bounds hold for the text as for the event."""
    unsure = replace(SELECT, confidence=Confidence(rule_match=1.5, availability=1.0, overall=1.0))
    with pytest.raises(InvalidDecisionEvent, match="confidence"):
        record(unsure).text(sequence=1, prev_hash=GENESIS)
