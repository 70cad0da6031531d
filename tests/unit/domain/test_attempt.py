"""Attempt and the attempts header."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.attempt import Attempt, attempts_header
from llm_gateway.domain.target import Target


def attempt(model: str = "gpt-4o", **fields: Any) -> Attempt:
    known: dict[str, Any] = {"outcome": "completed", "started_ms": 0.0, "duration_ms": 1.0} | fields
    return Attempt(target=Target("openai", model), **known)


def test_header_names_each_attempt_in_order() -> None:
    """Target, outcome class and status; no status when there was none."""
    attempts = [
        attempt(outcome="rejected", status=429),
        attempt("o1", outcome="not_sent"),
        attempt(status=200),
    ]
    assert (
        attempts_header(attempts)
        == "openai/gpt-4o=rejected:429;openai/o1=not_sent;openai/gpt-4o=completed:200"
    )


def test_header_of_no_attempts_is_empty() -> None:
    """Nothing was tried."""
    assert attempts_header([]) == ""


def test_header_of_a_stream_that_begins_names_it_last() -> None:
    """Its outcome is not known yet; it counts as an attempt all the same."""
    value = attempts_header([attempt(outcome="not_sent")], Target("openai", "o;1"))
    assert value == "openai/gpt-4o=not_sent;openai/o%3B1=streaming"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_number_of_attempts_can_be_read_from_any_header(models: list[str]) -> None:
    """Whatever a model is called, it ends no element and no header."""
    value = attempts_header([attempt(model, status=200) for model in models])
    assert len(value.split(";")) == value.count("=") == len(models)
    assert value.isascii() and value.isprintable() and " " not in value


def test_record_is_plain_json_with_every_field() -> None:
    """Absent values are null, times are rounded to the microsecond."""
    record = attempt(started_ms=1.23456789, ttfb_ms=2.00049, status=503, retry_after=7.0).as_record()
    assert json.loads(json.dumps(record)) == {
        "target": "openai/gpt-4o",
        "provider": "openai",
        "model": "gpt-4o",
        "outcome": "completed",
        "status": 503,
        "started_ms": 1.235,
        "duration_ms": 1.0,
        "ttfb_ms": 2.0,
        "error": None,
        "retry_after": 7.0,
    }
