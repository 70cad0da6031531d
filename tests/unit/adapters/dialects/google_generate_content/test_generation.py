"""Generation: sampling, limits, formats."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content.generation import generation_config
from llm_gateway.domain.errors import InvalidRequest

_SCHEMA = {"type": "object", "properties": {"x": {"const": 1}}}
_JSON = {"responseMimeType": "application/json"}


@pytest.mark.parametrize(
    ("body", "config"),
    [
        ({"temperature": 0, "top_p": 0.5, "seed": 0}, {"temperature": 0, "topP": 0.5, "seed": 0}),
        ({"top_k": 40}, {"topK": 40}),
        (
            {"presence_penalty": 0.5, "frequency_penalty": -1},
            {"presencePenalty": 0.5, "frequencyPenalty": -1},
        ),
        ({"max_tokens": 5}, {"maxOutputTokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 7}, {"maxOutputTokens": 7}),
        ({"n": 3}, {"candidateCount": 3}),
        ({"stop": "END"}, {"stopSequences": ["END"]}),
        ({"stop": ["a", "b"]}, {"stopSequences": ["a", "b"]}),
        ({"logprobs": True, "top_logprobs": 3}, {"responseLogprobs": True, "logprobs": 3}),
        ({"logprobs": True}, {"responseLogprobs": True}),
        ({"response_format": {"type": "json_object"}}, _JSON),
        ({"response_format": {"type": "text"}}, {}),
        ({"modalities": ["text", "image"]}, {"responseModalities": ["TEXT", "IMAGE"]}),
        ({"reasoning_effort": "low"}, {"thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": True}}),
    ],
)
def test_each_parameter_has_its_place(body: dict[str, Any], config: dict[str, Any]) -> None:
    """Google's names, the client's values."""
    assert generation_config(body, "gemini-2.5-flash") == config


def test_neutral_values_are_not_sent() -> None:
    """They would only make some models refuse."""
    body = {
        "n": 1,
        "presence_penalty": 0,
        "frequency_penalty": 0.0,
        "logprobs": False,
        "stop": None,
        "modalities": ["text"],
        "temperature": None,
    }
    assert generation_config(body, "gemini-2.5-flash") == {}


def test_a_json_schema_is_native_and_adapted() -> None:
    """`responseJsonSchema` goes with the mime type."""
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": _SCHEMA}}
    config = generation_config({"response_format": wanted}, "gemini-2.5-flash")
    adapted = {"type": "object", "properties": {"x": {"enum": [1], "type": "integer"}}}
    assert config == {**_JSON, "responseJsonSchema": adapted}


def test_speech_has_a_voice() -> None:
    """Google answers with raw 16-bit sound, OpenAI's pcm16."""
    body = {"modalities": ["audio"], "audio": {"voice": "Kore", "format": "pcm16"}}
    config = generation_config(body, "gemini-2.5-flash-preview-tts")
    assert config["speechConfig"] == {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"audio": {"voice": "Kore", "format": "mp3"}}, "audio.format"),
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"stop": 7}, "stop"),
    ],
)
def test_formats_that_google_does_not_have_are_refused(body: dict[str, Any], param: str) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequest) as caught:
        generation_config(body, "gemini-2.5-flash")
    assert caught.value.param == param
