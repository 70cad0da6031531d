"""Token usage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content.usage import hub_usage, read_usage


def _hub(**counts: Any) -> Any:
    return hub_usage(read_usage(json.dumps(counts).encode()))


def test_tool_use_is_input_and_thoughts_are_output() -> None:
    """The total is Google's own total."""
    usage = _hub(
        promptTokenCount=10,
        toolUsePromptTokenCount=5,
        candidatesTokenCount=3,
        thoughtsTokenCount=2,
        totalTokenCount=20,
    )
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (15, 5, 20)
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 2


def test_thoughts_that_are_in_the_candidates_already_are_not_added() -> None:
    """The total tells."""
    usage = _hub(promptTokenCount=10, candidatesTokenCount=5, thoughtsTokenCount=2, totalTokenCount=15)
    assert usage["completion_tokens"] == 5


def test_sound_is_counted_by_name_or_number() -> None:
    """Details come with either."""
    details = [{"modality": "AUDIO", "tokenCount": 4}, {"modality": "TEXT", "tokenCount": 6}]
    usage = _hub(promptTokenCount=10, promptTokensDetails=details, candidatesTokensDetails=[{"modality": 4}])
    assert usage["prompt_tokens_details"] == {"cached_tokens": 0, "audio_tokens": 4}


@pytest.mark.parametrize("raw", [b"", b'{"trafficType":"ON_DEMAND"}', b'{"promptTokenCount":"x"}', b"[]"])
def test_usage_that_counts_nothing_is_no_usage(raw: bytes) -> None:
    """Vertex sends the traffic type with every event."""
    assert read_usage(raw) is None


def test_counts_may_come_as_strings() -> None:
    """As protobuf's JSON writes 64-bit integers."""
    assert _hub(promptTokenCount="12")["prompt_tokens"] == 12
