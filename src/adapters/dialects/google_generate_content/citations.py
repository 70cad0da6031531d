"""Citations: grounding and citation metadata as OpenAI's `url_citation` annotations.

Google counts segments in UTF-8 bytes of one part (google-genai, Segment), OpenAI in characters of the
message; the text is needed to tell one from the other.
"""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.wire import DECODE_ERRORS


class Source(msgspec.Struct):
    uri: str | None = None
    title: str | None = None


class Chunk(msgspec.Struct, rename="camel"):
    web: Source | None = None
    maps: Source | None = None
    retrieved_context: Source | None = None
    image: Source | None = None

    @property
    def source(self) -> Source | None:
        return self.web or self.maps or self.retrieved_context or self.image


class Segment(msgspec.Struct, rename="camel"):
    start_index: int | None = None
    end_index: int | None = None
    part_index: int | None = None


class Support(msgspec.Struct, rename="camel"):
    segment: Segment | None = None
    grounding_chunk_indices: list[int] | None = None


class Grounding(msgspec.Struct, rename="camel"):
    grounding_chunks: list[Chunk] | None = None
    grounding_supports: list[Support] | None = None


class Citation(msgspec.Struct, rename="camel"):
    uri: str | None = None
    title: str | None = None
    start_index: int | None = None
    end_index: int | None = None


class Citations(msgspec.Struct, rename="camel"):
    citations: list[Citation] | None = None
    citation_sources: list[Citation] | None = None  # the name in API versions before 2025


def hub_annotations(grounding: bytes, citations: bytes, parts: list[str]) -> list[dict[str, Any]]:
    """`parts` are the texts of the answer's parts, in order (`""` for one without visible text).

    Sources without a segment, or with one past the known text, are cited for the answer as a whole, at 0..0.
    Metadata that is not readable gives no annotations: it must never cost an answer.
    """
    annotations: list[dict[str, Any]] = []
    try:
        if grounding:
            annotations += _grounded(msgspec.json.decode(grounding, type=Grounding), parts)
        if citations:
            annotations += _cited(msgspec.json.decode(citations, type=Citations), parts)
    except DECODE_ERRORS:
        pass
    return annotations


def _grounded(grounding: Grounding, parts: list[str]) -> list[dict[str, Any]]:
    sources = [chunk.source for chunk in grounding.grounding_chunks or ()]
    if not grounding.grounding_supports:
        return [_annotation(source, 0, 0) for source in sources if source is not None and source.uri]
    found = []
    for support in grounding.grounding_supports:
        segment = support.segment or Segment()
        start, end = _characters(parts, segment)
        for number in support.grounding_chunk_indices or ():
            source = sources[number] if 0 <= number < len(sources) else None
            if source is not None and source.uri:
                found.append(_annotation(source, start, end))
    return found


def _cited(metadata: Citations, parts: list[str]) -> list[dict[str, Any]]:
    found = []
    for citation in [*(metadata.citations or ()), *(metadata.citation_sources or ())]:
        if citation.uri:
            segment = Segment(start_index=citation.start_index, end_index=citation.end_index)
            source = Source(uri=citation.uri, title=citation.title)
            found.append(_annotation(source, *_characters(["".join(parts)], segment)))
    return found


def _characters(parts: list[str], segment: Segment) -> tuple[int, int]:
    part = segment.part_index or 0
    start, end = max(segment.start_index or 0, 0), max(segment.end_index or 0, 0)
    before = sum(map(len, parts[:part]))
    data = parts[part].encode("utf-8", "surrogatepass") if 0 <= part < len(parts) else b""
    if end > len(data):
        # Streams number parts per event, so an offset may run past its part: then the whole text is meant.
        before, data = 0, "".join(parts).encode("utf-8", "surrogatepass")
    if end > len(data):
        return 0, 0
    return before + _length(data[:start]), before + _length(data[:end])


def _length(data: bytes) -> int:
    return len(data.decode("utf-8", "ignore"))


def _annotation(source: Source, start: int, end: int) -> dict[str, Any]:
    citation = {
        "start_index": start,
        "end_index": end,
        "url": source.uri or "",
        "title": source.title or source.uri or "",
    }
    return {"type": "url_citation", "url_citation": citation}
