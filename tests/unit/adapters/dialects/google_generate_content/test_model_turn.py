"""Model turns: calls, thoughts and signatures that a client brings back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.google_generate_content.model_turn import model_parts
from llm_gateway.adapters.dialects.google_generate_content.thinking import SKIP_SIGNATURE
from llm_gateway.domain.errors import InvalidRequest

_FORMAT = "google-gemini-v1"


def _call(identity: str = "id_1", arguments: str = "{}", **more: Any) -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": "f", "arguments": arguments}, **more}


def _parts(model: str = "gemini-3-pro-preview", **message: Any) -> Any:
    parts = model_parts({"role": "assistant", **message}, {}, model, "messages[0]")
    return msgspec.json.decode(msgspec.json.encode(parts))


def test_arguments_travel_byte_for_byte() -> None:
    """Neither numbers nor escapes are rewritten."""
    arguments = '{"n": 1.10, "id": 12345678901234567890, "s": "\\u003c"}'
    parts = model_parts({"tool_calls": [_call(arguments=arguments)]}, {}, "gemini-2.5-pro", "m")
    assert arguments.encode() in msgspec.json.encode(parts)


@pytest.mark.parametrize("arguments", ["{", "[1]", '"x"', "null"])
def test_arguments_that_are_no_object_are_refused(arguments: str) -> None:
    """Google's `args` is an object."""
    with pytest.raises(InvalidRequest) as caught:
        _parts(tool_calls=[_call(arguments=arguments)])
    assert caught.value.param == "messages[0].tool_calls[0].function.arguments"


def test_a_calls_own_signature_returns_to_it() -> None:
    """Google's place for it: `extra_content.google.thought_signature`."""
    extra = {"google": {"thought_signature": "c2ln"}}
    parts = _parts(tool_calls=[_call(extra_content=extra), _call("id_2")])
    assert [part.get("thoughtSignature") for part in parts] == ["c2ln", None]


def test_reasoning_details_sign_the_call_that_they_name() -> None:
    """OpenRouter's place for it."""
    details = [{"type": "reasoning.encrypted", "data": "c2ln", "format": _FORMAT, "id": "id_2"}]
    parts = _parts("gemini-2.5-pro", tool_calls=[_call(), _call("id_2")], reasoning_details=details)
    assert [part.get("thoughtSignature") for part in parts] == [None, "c2ln"]


def test_a_signature_without_a_call_signs_the_text() -> None:
    """More than one: the others go on empty text parts, as they came in a stream."""
    details = [
        {"type": "reasoning.encrypted", "data": data, "format": _FORMAT, "id": None}
        for data in ("YQ==", "Yg==")
    ]
    assert _parts(content="hi", reasoning_details=details) == [
        {"text": "hi", "thoughtSignature": "YQ=="},
        {"text": "", "thoughtSignature": "Yg=="},
    ]


def test_thoughts_come_first_and_fragments_are_joined() -> None:
    """A client may have kept a stream's fragments apart: one index is one thought."""
    details = [
        {"type": "reasoning.text", "text": "Let me ", "format": _FORMAT, "index": 0},
        {"type": "reasoning.text", "text": "see.", "format": _FORMAT, "index": 0, "signature": "c2ln"},
    ]
    parts = _parts(content="42", reasoning_details=details)
    assert parts == [{"text": "Let me see.", "thought": True, "thoughtSignature": "c2ln"}, {"text": "42"}]


def test_another_providers_signatures_stay_away() -> None:
    """Google would refuse the whole request."""
    details = [{"type": "reasoning.encrypted", "data": "x", "format": "anthropic-claude-v1", "id": None}]
    assert _parts(content="hi", reasoning_details=details) == [{"text": "hi"}]


@pytest.mark.parametrize(
    ("model", "signature"),
    [
        ("gemini-3-flash-preview", SKIP_SIGNATURE),
        ("gemini-flash-latest", SKIP_SIGNATURE),
        ("gemini-2.5-pro", None),
    ],
)
def test_an_unsigned_first_call_is_excused_where_signatures_are_demanded(
    model: str, signature: str | None
) -> None:
    """The documented value, on the first call of the step only."""
    parts = _parts(model, tool_calls=[_call(), _call("id_2")])
    assert [part.get("thoughtSignature") for part in parts] == [signature, None]


def test_parts_that_the_hub_only_carries_return() -> None:
    """Code that Google ran itself, with its signature; nothing else may be smuggled in."""
    carried = {"executableCode": {"code": "1"}, "thoughtSignature": "c2ln", "fileData": {}}
    parts = _parts(content="1", extra_content={"google": {"parts": [carried, {"text": "no"}]}})
    assert parts == [{"executableCode": {"code": "1"}, "thoughtSignature": "c2ln"}, {"text": "1"}]


def test_generated_pictures_return_with_their_signature() -> None:
    """Editing a picture in a following turn needs it."""
    image = {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,QUJD"},
        "extra_content": {"google": {"thought_signature": "c2ln"}},
    }
    blob = {"mimeType": "image/png", "data": "QUJD"}
    assert _parts(images=[image]) == [{"inlineData": blob, "thoughtSignature": "c2ln"}]


def test_a_refusal_is_said_as_text() -> None:
    """It was what the model answered."""
    assert _parts(content=[{"type": "refusal", "refusal": "No."}]) == [{"text": "No."}]
