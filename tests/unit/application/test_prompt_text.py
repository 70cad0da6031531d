"""PromptText: what the user wrote, read on demand, shown to nobody else."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from llm_gateway.application.prompt_text import PromptText


def text(*messages: Any) -> str:
    return PromptText(lambda: {"messages": list(messages)}).text


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([{"role": "user", "content": "one"}, {"role": "user", "content": "two"}], "one\ntwo"),
        ([{"role": "system", "content": "s"}, {"role": "assistant", "content": "a"}], ""),
        ([{"role": "user", "content": [{"type": "text", "text": "t"}, {"type": "image_url"}]}], "t"),
        ([{"role": "user"}, {"role": "user", "content": None}, {"role": "user", "content": [7]}], ""),
        (["not an object", {"role": "user", "content": {"type": "text"}}], ""),
    ],
)
def test_the_texts_of_user_messages(messages: list[Any], expected: str) -> None:
    """In order; whatever has another form has no text."""
    assert text(*messages) == expected


def test_nobody_pays_before_asking() -> None:
    """The document is decoded once, on first use."""
    read = []
    prompt = PromptText(lambda: read.append(1) or {"messages": [{"role": "user", "content": "hush"}]})
    assert read == []
    assert prompt.digest == hashlib.sha256(b"hush").digest()
    assert (prompt.text, read) == ("hush", [1])


def test_it_does_not_show_itself() -> None:
    """In a log line or in an assertion's message."""
    prompt = PromptText(lambda: {"messages": [{"role": "user", "content": "hush"}]})
    assert "hush" not in f"{prompt} {prompt!r} {[prompt]}"
