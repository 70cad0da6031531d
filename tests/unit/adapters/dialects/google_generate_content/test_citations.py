"""Citations."""

from __future__ import annotations

import json
from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.citations import hub_annotations


def _ranges(texts: list[str], *segments: dict[str, int]) -> list[tuple[int, int]]:
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://x.test", "title": "X"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]} for segment in segments],
    }
    found = hub_annotations(json.dumps(grounding).encode(), b"", texts)
    return [(a["url_citation"]["start_index"], a["url_citation"]["end_index"]) for a in found]


def test_bytes_become_characters() -> None:
    """Google counts UTF-8 bytes, OpenAI characters."""
    text = "日本 is far"
    start = len("日本 ".encode())
    assert _ranges([text], {"startIndex": start, "endIndex": start + 2}, {"endIndex": 6}) == [(3, 5), (0, 2)]


def test_a_segment_belongs_to_its_part() -> None:
    """Offsets of the second part begin after the first."""
    assert _ranges(["one ", "two"], {"partIndex": 1, "startIndex": 0, "endIndex": 3}) == [(4, 7)]


def test_a_streams_offsets_run_over_all_its_parts() -> None:
    """Every event numbers its parts from nought."""
    assert _ranges(["one ", "two"], {"startIndex": 4, "endIndex": 7}) == [(4, 7)]


def test_a_segment_past_the_text_stands_for_the_whole() -> None:
    """Rather than for a range that is wrong."""
    assert _ranges(["one"], {"startIndex": 1, "endIndex": 99}) == [(0, 0)]


def test_sources_without_segments_stand_for_the_whole() -> None:
    """Web, maps and documents alike; without an address there is nothing to cite."""
    chunks: list[Any] = [
        {"web": {"uri": "u1", "title": "t1"}},
        {"maps": {"uri": "u2"}},
        {"retrievedContext": {}},
    ]
    found = hub_annotations(json.dumps({"groundingChunks": chunks}).encode(), b"", ["text"])
    assert [(a["url_citation"]["url"], a["url_citation"]["title"]) for a in found] == [
        ("u1", "t1"),
        ("u2", "u2"),
    ]


def test_recitations_are_cited_too() -> None:
    """Both names that the list has had."""
    metadata = {
        "citations": [{"uri": "u1", "endIndex": 2}],
        "citationSources": [{"uri": "u2"}, {"license": "mit"}],
    }
    found = hub_annotations(b"", json.dumps(metadata).encode(), ["text"])
    assert [a["url_citation"]["url"] for a in found] == ["u1", "u2"]


def test_unreadable_metadata_costs_nothing() -> None:
    """Indices that lead nowhere among others."""
    bad = {"groundingChunks": [], "groundingSupports": [{"groundingChunkIndices": [0, -1, 9]}]}
    assert hub_annotations(json.dumps(bad).encode(), b"[]", ["text"]) == []
