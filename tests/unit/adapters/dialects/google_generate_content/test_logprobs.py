"""Log probabilities."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.dialects.google_generate_content.logprobs import hub_logprobs


def test_tokens_come_with_their_alternatives() -> None:
    """Google's two lists run in step."""
    raw = (
        b'{"chosenCandidates":[{"token":"\xc3\xa9","logProbability":-0.5,"tokenId":1}],'
        b'"topCandidates":[{"candidates":[{"token":"e","logProbability":-2}]}]}'
    )
    top = [{"token": "e", "logprob": -2.0, "bytes": [101]}]
    token = {"token": "é", "logprob": -0.5, "bytes": [195, 169], "top_logprobs": top}
    assert hub_logprobs(raw) == {"content": [token], "refusal": None}


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"chosenCandidates":7}'])
def test_nothing_readable_is_none(raw: bytes) -> None:
    """It must never cost an answer."""
    assert hub_logprobs(raw) is None
