"""Attribution: what LLM-CostOps is told of a request, held against its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from llm_gateway.adapters.costops.attribution import attribution
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.price_list import LISTED
from tests.samples.usage_records import RECORD, TARGET, usage_record

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "cost-attribution.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text()))


def told(record: UsageRecord, *, target: Target = TARGET, priced: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        msgspec.json.encode(attribution(record, target, LISTED if priced else None, "prod"))
    )
    VALIDATOR.validate(found)
    return found


def test_a_request_as_it_is_told() -> None:
    """Cached tokens are part of the input, reasoning of the output; neither is charged twice."""
    assert told(RECORD) == {
        "provider": "openai",
        "model": "gpt-4o",
        "input_tokens": 30,
        "output_tokens": 12,
        "latency_ms": 12,
        "environment": "prod",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "metadata": {
            "decision_id": RECORD.decision_id,
            "request_id": RECORD.request_id,
            "snapshot_hash": "ab" * 32,
            "status": "success",
            "streaming": False,
            "estimated": False,
            "cached_tokens": 10,
            "cache_write_tokens": 0,
            "reasoning_tokens": 2,
            "tenant": "acme",
            "price_table": "fake-prices 1",
            "cost_usd": 0.000162,
        },
    }


def test_without_usage_the_input_is_estimated() -> None:
    """And said to be; of the output nobody knows anything."""
    found = told(usage_record(usage=None, input_estimate=77, status="client_closed"))
    assert (found["input_tokens"], found["output_tokens"]) == (77, 0)
    assert (found["metadata"]["estimated"], found["metadata"]["status"]) == (True, "cancelled")


def test_an_unknown_price_is_no_price() -> None:
    """Never 0."""
    metadata = told(usage_record(tenant=None), priced=False)["metadata"]
    assert not {"price_table", "cost_usd", "tenant"} & metadata.keys()


def test_a_clients_words_are_bounded_and_encodable() -> None:
    """A model's name may be one of them."""
    found = told(usage_record(request_id="\ud800" * 300), target=Target("openai", "m" * 300))
    assert (len(found["model"]), found["metadata"]["request_id"]) == (256, "?" * 256)
