"""Parts of a message as content blocks."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.content import content_blocks
from llm_gateway.domain.errors import InvalidRequest


def only(part: dict[str, Any]) -> dict[str, Any]:
    (block,) = content_blocks([part], "messages[0].content")
    return block


def file_part(**file: str) -> dict[str, Any]:
    return {"type": "file", "file": file}


def test_text_that_shows_nothing_yields_no_block() -> None:
    """The API refuses text without a visible character."""
    assert content_blocks("", "x") == content_blocks(" \n", "x") == content_blocks(None, "x") == []


def test_an_image_url_travels_as_a_url() -> None:
    """The gateway fetches nothing."""
    block = only({"type": "image_url", "image_url": {"url": "https://host/a.png", "detail": "high"}})
    assert block == {"type": "image", "source": {"type": "url", "url": "https://host/a.png"}}


def test_an_image_in_a_data_url_travels_as_base64() -> None:
    """image/jpg is what many clients call image/jpeg."""
    source = only({"type": "image_url", "image_url": {"url": "data:image/jpg;base64,AAAA"}})["source"]
    assert source == {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"}


def test_a_pdf_is_a_document_with_its_name() -> None:
    """As a data URL or as bare base64, which shows by its first bytes."""
    for data in ("data:application/pdf;base64,JVBERi0xLjQ=", "JVBERi0xLjQ="):
        block = only(file_part(file_data=data, filename="a.pdf"))
        assert (block["title"], block["source"]["media_type"]) == ("a.pdf", "application/pdf")
        assert block["source"]["data"] == "JVBERi0xLjQ="


def test_a_text_file_is_a_text_document() -> None:
    """Decoded, because the API takes text as text."""
    source = only(file_part(file_data="data:text/csv;base64,YSxi"))["source"]
    assert source == {"type": "text", "media_type": "text/plain", "data": "a,b"}


def test_an_uploaded_file_is_named_by_its_id() -> None:
    """file_id passes as it is."""
    assert only(file_part(file_id="file_1"))["source"] == {"type": "file", "file_id": "file_1"}


def test_cache_control_stays_on_its_part() -> None:
    """A convention of OpenAI-compatible clients for prompt caching."""
    mark = {"type": "ephemeral"}
    assert only({"type": "text", "text": "a", "cache_control": mark})["cache_control"] == mark


@pytest.mark.parametrize(
    ("part", "param"),
    [
        ({"type": "input_audio", "input_audio": {}}, "c[0].type"),
        ({"type": "image_url", "image_url": {"url": "data:image/tiff;base64,AA"}}, "c[0].image_url.url"),
        ({"type": "image_url", "image_url": {"url": "gs://bucket/x"}}, "c[0].image_url.url"),
        ({"type": "file", "file": {"file_data": "AAAA", "filename": "a.zip"}}, "c[0].file.file_data"),
        ({"type": "text", "text": 3}, "c[0].text"),
        ("text", "c[0]"),
    ],
)
def test_what_cannot_be_sent_is_named(part: Any, param: str) -> None:
    """The path of the offending member."""
    with pytest.raises(InvalidRequest) as caught:
        content_blocks([part], "c")
    assert caught.value.param == param
