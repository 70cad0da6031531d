"""EventParser: server-sent events from bytes that were split anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.server_sent_events import Event, EventParser, EventTooLarge


def parse(*pieces: bytes) -> list[Event]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.close()


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in parse(*pieces)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_at_cr_lf_or_both(end: bytes) -> None:
    """The three ends of WHATWG HTML §9.2.6."""
    assert data_of(b"data: a" + end + end + b"data: b" + end + end) == [b"a", b"b"]


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_other_line_separators_are_text(end: str) -> None:
    """They are legal inside JSON strings and must not tear an event."""
    text = f'{{"content":"a{end}b"}}'.encode()
    assert data_of(b"data: " + text + b"\n\n") == [text]


def test_a_crlf_split_between_two_reads_is_one_end() -> None:
    """Not an end and an empty line."""
    assert data_of(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [b"a\nb"]


def test_data_lines_are_joined() -> None:
    """By LF, as the standard says."""
    assert data_of(b"data: a\ndata:b\ndata:  c\n\n") == [b"a\nb\n c"]


def test_a_byte_order_mark_is_skipped_even_when_split() -> None:
    """Only at the very beginning."""
    assert data_of(b"\xef", b"\xbb", b"\xbfdata: a\n\n") == [b"a"]
    assert data_of(b"data: a\n\n\xef\xbb\xbfdata: b\n\n") == [b"a"]


def test_comments_ids_and_retries_are_no_events() -> None:
    """Keep-alives cost nothing."""
    assert data_of(b": ping\n\nid: 1\nretry: 10\n\n: x\ndata: a\n\n") == [b"a"]


def test_the_type_of_an_event_is_kept() -> None:
    """Errors are told by it."""
    assert parse(b"event: error\ndata: {}\n\n") == [Event(b"error", b"{}")]


def test_json_without_its_field_name_is_data() -> None:
    """Some servers write a bare error object into the stream."""
    assert data_of(b': ping\n\n{"error":{}}\n\n') == [b'{"error":{}}']


def test_the_last_blank_line_may_be_missing() -> None:
    """`close` gives what it held back."""
    assert data_of(b"data: a\n\ndata: b") == [b"a", b"b"]


def test_an_event_without_end_is_bounded() -> None:
    """Memory per stream has a limit."""
    parser = EventParser(limit=100)
    with pytest.raises(EventTooLarge):
        for _ in range(20):
            parser.feed(b"data: 12345")


def test_holding_tells_an_incomplete_event() -> None:
    """Blank lines alone are nothing."""
    parser = EventParser()
    parser.feed(b"\n\n\n")
    assert not parser.holding
    parser.feed(b"data: a")
    assert parser.holding


_LINES = st.sampled_from(
    [b"data: a", b"data:b", b"", b": c", b"event: e", "data: \u2028ü".encode(), b"data", b"{}", b"x: y"]
)


@given(
    st.lists(st.tuples(_LINES, st.sampled_from([b"\n", b"\r\n"])), max_size=12),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_where_bytes_are_cut_changes_nothing(lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    """Any stream, any cuts."""
    stream = b"".join(line + end for line, end in lines)
    at = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[start:end] for start, end in pairwise(at)]
    assert parse(*pieces) == parse(stream)
