"""Media: URLs, base64 and files."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content.media import media_part
from llm_gateway.domain.errors import InvalidRequest


def _image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": "high"}}


def _file(**fields: str) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def _inline(mime: str, data: str = "QUJD") -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": data}}


def _linked(uri: str, mime: str | None = None) -> dict[str, Any]:
    return {"fileData": {"fileUri": uri, "mimeType": mime} if mime else {"fileUri": uri}}


_FILES = "https://generativelanguage.googleapis.com/v1beta/files/abc"


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        (_image("data:image/webp;base64,QUJD"), _inline("image/webp")),
        (_image("data:image/svg+xml,%3Csvg%3E"), _inline("image/svg+xml", "PHN2Zz4=")),
        (_image("https://x.test/a.PNG?size=1"), _linked("https://x.test/a.PNG?size=1", "image/png")),
        (_image("https://x.test/a"), _linked("https://x.test/a")),
        ({"type": "video_url", "video_url": {"url": "gs://b/v.mp4"}}, _linked("gs://b/v.mp4", "video/mp4")),
        ({"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}}, _inline("audio/mp3")),
        (_file(file_data="data:application/pdf;base64,QUJD", filename="a.pdf"), _inline("application/pdf")),
        (_file(file_data="QUJD", filename="a.csv"), _inline("text/csv")),
        (_file(file_id="files/abc", format="application/pdf"), _linked(_FILES, "application/pdf")),
        (_file(file_id=_FILES), _linked(_FILES)),
    ],
)
def test_media_becomes_inline_or_linked(part: dict[str, Any], wire: dict[str, Any]) -> None:
    """What is there travels inline; what is elsewhere is linked, with its type where the name tells."""
    assert media_part(part, "p") == wire


@pytest.mark.parametrize(
    ("part", "param"),
    [
        (_image("file:///etc/passwd"), "p.image_url.url"),
        (_image("data:image/png"), "p.image_url.url"),
        (_image(""), "p.image_url.url"),
        (_file(file_id="file-abc123"), "p.file.file_id"),
        (_file(filename="a.pdf"), "p.file"),
        ({"type": "input_audio"}, "p.input_audio.data"),
    ],
)
def test_media_out_of_googles_reach_is_refused(part: dict[str, Any], param: str) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequest) as caught:
        media_part(part, "p")
    assert caught.value.param == param


def test_other_parts_are_not_media() -> None:
    """Text is somebody else's."""
    assert media_part({"type": "text", "text": "x"}, "p") is None
