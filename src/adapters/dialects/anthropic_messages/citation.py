"""Citations of web pages as OpenAI's `url_citation` annotations; those of documents have no URL to give."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.wire import BROKEN


class Citation(msgspec.Struct):
    """The fields of `web_search_result_location` and `search_result_location` that the hub can carry."""

    url: str | None = None
    source: str | None = None
    title: str | None = None


_decode = msgspec.json.Decoder(Citation).decode


def annotation(citation: msgspec.Raw, start: int, end: int) -> dict[str, Any] | None:
    """`start` and `end` are character offsets of the cited text in the message's content."""
    try:
        read = _decode(citation)
    except BROKEN:
        return None
    url = read.url or read.source
    if url is None or not url.startswith(("https://", "http://")):
        return None
    return {
        "type": "url_citation",
        "url_citation": {"url": url, "title": read.title or "", "start_index": start, "end_index": end},
    }
