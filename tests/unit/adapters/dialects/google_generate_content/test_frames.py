"""Frames: documents out of bytes."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.dialects.google_generate_content.frames import EventTooLarge, Frames, JsonSequence


def _documents(data: bytes, size: int) -> list[bytes]:
    frames = Frames()
    found = []
    for at in range(0, len(data), size):
        found += frames.feed(data[at : at + size])
    return found + frames.close()


_A, _B = b'{"a":"\xe2\x80\xa8}]{\\"x"}', b'{"b":[{}]}'
_ERROR = b'{\n "error": {\n "code": 1}\n}'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "documents"),
    [
        (b"data: " + _A + b"\r\n\r\ndata: " + _B + b"\r\n\r\n", [_A, _B]),
        (b"data: " + _A + b"\n\ndata: " + _B, [_A, _B]),
        (b"[" + _A + b"\n,\r\n" + _B + b"]", [_A, _B]),
        (b" \n" + _ERROR + b"\n", [_ERROR]),
        (b"data: " + _A + b"\n\n" + _ERROR, [_A, _ERROR]),
        (b"data: " + _A + b"\r\n" + _ERROR, [_A, _ERROR]),
        (b"\xef\xbb\xbfdata: " + _A + b"\n\n", [_A]),
        (b"", []),
    ],
)
def test_every_form_is_read_however_it_is_cut(data: bytes, documents: list[bytes], size: int) -> None:
    """Events, an array, a bare error, and a bare error in the middle of events."""
    assert _documents(data, size) == documents


def test_an_unfinished_document_is_told() -> None:
    """The array was cut."""
    frames = Frames()
    frames.feed(b"[" + _A + b',{"b":')
    assert frames.close() == [] and frames.holding


def test_a_document_without_end_is_refused() -> None:
    """Memory stays bounded."""
    sequence = JsonSequence(limit=100)
    with pytest.raises(EventTooLarge):
        for _ in range(100):
            sequence.feed(b'{"a":')
