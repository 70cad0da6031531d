"""Every dialect's reading of recorded answers, with its provider's own SDK as the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.integration.anthropic_recordings import ANTHROPIC
from tests.integration.google_recordings import GOOGLE
from tests.integration.hub_reading import read_chunks
from tests.integration.openai_recordings import OPENAI
from tests.integration.recordings import CONTEXT, Recordings, Row

ALL = (ANTHROPIC, GOOGLE, OPENAI)


def _name(value: Recordings | Row) -> str:
    return value.dialect.name if isinstance(value, Recordings) else str(value["id"])


def by_row(rows: Iterable[tuple[Recordings, Row]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("recorded", "row"), list(rows), ids=_name)


STREAMS = [(recorded, row) for recorded in ALL for row in recorded.streams]


@pytest.mark.parametrize("recorded", ALL, ids=_name)
def test_expected_failures_name_rows_of_the_collection(recorded: Recordings) -> None:
    """A reason for a row that no longer exists is as wrong as a missing one."""
    known = {row["id"] for row in recorded.rows}
    assert not recorded.complete or known >= {*recorded.failures, *recorded.unfinished}


@by_row((recorded, row) for recorded in ALL for row in recorded.readable)
def test_an_answer_is_what_the_sdk_makes_of_it(recorded: Recordings, row: Row) -> None:
    """Text, thinking, calls with complete arguments, finish reason and usage; strict both ways."""
    difference = recorded.difference(row)
    assert bool(difference) is (row["id"] in recorded.failures), difference


@by_row(STREAMS)
def test_pieces_of_any_size_read_the_same(recorded: Recordings, row: Row) -> None:
    """Where the transport cuts the bytes changes nothing."""
    body = row["body"].encode()
    whole = recorded.stream_bytes(body)
    read_chunks(whole, recorded.hub)
    for size in (7, 64) if len(body) > 20_000 else (1, 7, 64):
        assert recorded.stream_bytes(body, size=size) == whole


@by_row((recorded, row) for recorded, row in STREAMS if len(row["body"]) < recorded.cut_below)
def test_a_cut_at_any_byte_reads_the_same(recorded: Recordings, row: Row) -> None:
    """Two pieces, parted at every offset of the stream."""
    body = row["body"].encode()
    whole = recorded.stream_bytes(body)
    assert all(recorded.stream_bytes(body, cut=offset) == whole for offset in range(len(body)))


@by_row(STREAMS)
def test_every_chunk_fits_openais_published_schema(recorded: Recordings, row: Row) -> None:
    """The official SDK's own models validate each chunk strictly."""
    for event in recorded.stream_bytes(row["body"].encode()).decode().split("\n\n")[:-2]:
        ChatCompletionChunk.model_validate_json(event.removeprefix("data: "), strict=True)


@by_row((recorded, row) for recorded in ALL for row in recorded.plain)
def test_every_answer_fits_openais_published_schema(recorded: Recordings, row: Row) -> None:
    """Translated and repaired ones have the nullable members that the schema requires."""
    body = row["body"].encode()
    found = recorded.dialect.answer(body, CONTEXT).body
    ChatCompletion.model_validate_json(found, strict=True)
    if found != body:
        choice = json.loads(found)["choices"][0]
        assert "refusal" in choice["message"] and "logprobs" in choice
