"""Chain: sealed lines are canonical JSON, whatever the record holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.decision_log.chain import Chain, hashed_part
from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.constraint import AvailabilityConstraint, PerformanceBudgetConstraint
from llm_gateway.domain.decision import Confidence
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.hash_chain import GENESIS, link
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.replay import ReplayInputs
from llm_gateway.domain.request_facts import RequestFacts, RoutingHints
from tests.samples.decisions import DECISIONS, OPENAI, SELECT, record, record_document

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FLOATS = st.floats()
UNIT = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-5, 1e-6, 1e-7, 5e-324, 1 / 3])


@st.composite
def any_record(draw: st.DrawFn) -> tuple[DecisionRecord, dict[str, Any]]:
    """Every float and text of a record takes any value that it can."""
    health = TargetHealth(
        score=draw(FLOATS), latency_ms=draw(FLOATS), in_flight=draw(st.integers()), reason=draw(TEXT)
    )
    facts = RequestFacts(
        model=draw(TEXT),
        tenant=draw(st.none() | TEXT),
        parameters=draw(st.frozensets(TEXT, max_size=3)),
        input_tokens=draw(st.integers()),
        headers=tuple(draw(st.lists(st.tuples(TEXT, TEXT), max_size=2))),
        hints=RoutingHints(priority=draw(TEXT), max_latency_ms=draw(st.none() | st.integers())),
    )
    decision = replace(
        SELECT,
        matched_rules=(draw(TEXT),),
        confidence=Confidence(rule_match=draw(UNIT), availability=draw(UNIT), overall=draw(UNIT)),
        constraints=(
            AvailabilityConstraint(provider_id=draw(TEXT), health_score=draw(FLOATS), threshold=0.0),
            PerformanceBudgetConstraint(
                budget_type="cost_usd", limit=draw(FLOATS), current=draw(FLOATS), exceeded=True
            ),
        ),
    )
    inputs = ReplayInputs(facts=facts, health=HealthView(targets={OPENAI.id: health}))
    made = record(decision, inputs=inputs, request_id=draw(TEXT), phase=draw(TEXT))
    return made, record_document(made, sequence=1, prev_hash=GENESIS, inputs=inputs)


@settings(max_examples=300, deadline=None)
@given(any_record())
def test_the_hashed_bytes_are_canonical_json(given_record: tuple[DecisionRecord, dict[str, Any]]) -> None:
    """The text is exactly what the pure RFC 8785 implementation writes of the record's documents."""
    body, _ = hashed_part(Chain().seal(given_record[0]))
    assert body == canonical(given_record[1])
    assert body == canonical(json.loads(body))


def test_the_hash_is_cut_out_of_the_line() -> None:
    """A reader in any language gets the hashed bytes back without parsing."""
    chain = Chain()
    line = chain.seal(record())
    body, head = hashed_part(line)
    assert head == chain.head == link(GENESIS, body) == json.loads(line)["hash"]


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_one_line_per_record(decision_type: str) -> None:
    """A line ends in the only line feed it has."""
    spoiled = record(DECISIONS[decision_type], request_id="a\nb\r\u2028c")
    line = Chain().seal(spoiled)
    assert line.index(b"\n") == len(line) - 1


def test_a_record_that_cannot_be_sealed_moves_nothing() -> None:
    """The next record takes its sequence number and its place in the chain."""
    chain = Chain()
    with pytest.raises(ValueError, match="surrogates"):
        chain.seal(record(request_id="\ud800"))
    assert (chain.sequence, chain.head) == (0, GENESIS)


@pytest.mark.parametrize("line", [b"", b"{}\n", b'{"a":1,"hash":"00"}\n', b"\0" * 4096])
def test_what_is_no_line_of_a_log_is_refused(line: bytes) -> None:
    """Recovery asks this of the end of every file."""
    with pytest.raises(ValueError, match="not a line"):
        hashed_part(line)
