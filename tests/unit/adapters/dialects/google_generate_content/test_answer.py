"""Plain answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed, UpstreamRefused, UpstreamRejected
from llm_gateway.domain.usage import Usage

_CONTEXT = AnswerContext(id="chatcmpl-1", created=7, model="asked-for")


def _answer(document: Any) -> Answer:
    return GoogleGenerateContent().answer(json.dumps(document).encode(), _CONTEXT)


def _completion(*parts: Any, **candidate: Any) -> Any:
    first = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", **candidate}
    return json.loads(_answer({"candidates": [first]}).body)


def _message(*parts: Any, **candidate: Any) -> Any:
    return _completion(*parts, **candidate)["choices"][0]["message"]


def test_a_text_is_a_message() -> None:
    """Parts are joined; what the schema wants is there, null or not."""
    completion = _completion({"text": "a"}, {"text": "b"})
    message = {"role": "assistant", "content": "ab", "refusal": None}
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "stop",
        "native_finish_reason": "STOP",
    }
    assert completion["choices"] == [choice]
    assert (completion["id"], completion["created"], completion["model"]) == ("chatcmpl-1", 7, "asked-for")


def test_what_the_upstream_names_is_kept() -> None:
    """Id, model and time; Vertex writes nine digits of a second."""
    document = {"responseId": "r1", "modelVersion": "m1", "createTime": "2025-08-27T21:44:07.239896123Z"}
    completion = json.loads(_answer({**document, "candidates": []}).body)
    assert [completion[name] for name in ("id", "model", "created")] == ["r1", "m1", 1756331047]


def test_a_call_has_an_id_of_its_own() -> None:
    """Given, or made from the answer's id: the same for the same answer."""
    calls = [
        {"functionCall": {"name": "f", "args": {"x": 1}, "id": "given"}},
        {"functionCall": {"name": "g"}},
    ]
    first, second = _message(*calls)["tool_calls"]
    assert first == {"id": "given", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    assert second["function"] == {"name": "g", "arguments": "{}"}
    assert second["id"] == _message(*calls)["tool_calls"][1]["id"] != "given"


def test_arguments_keep_their_numbers() -> None:
    """Not read and written again, only made compact."""
    body = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{ "n" : 1.10 }}}]}}]}'
    message = json.loads(GoogleGenerateContent().answer(body, _CONTEXT).body)["choices"][0]["message"]
    assert message["tool_calls"][0]["function"]["arguments"] == '{"n":1.10}'


def test_thoughts_and_signatures_are_carried() -> None:
    """Thoughts apart from the text; each signature where a following turn finds it."""
    message = _message(
        {"text": "Hm.", "thought": True, "thoughtSignature": "dA=="},
        {"text": "42", "thoughtSignature": "dHh0"},
        {"functionCall": {"name": "f", "id": "c1"}, "thoughtSignature": "Y2FsbA=="},
    )
    assert (message["content"], message["reasoning_content"]) == ("42", "Hm.")
    kinds = [
        (d["type"], d.get("signature") or d.get("data"), d.get("id")) for d in message["reasoning_details"]
    ]
    assert kinds == [
        ("reasoning.text", "dA==", None),
        ("reasoning.encrypted", "dHh0", None),
        ("reasoning.encrypted", "Y2FsbA==", "c1"),
    ]
    assert message["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "Y2FsbA=="}}


def test_several_candidates_are_several_choices() -> None:
    """`n` is candidateCount."""
    candidates = [
        {"index": n, "content": {"parts": [{"text": str(n)}]}, "finishReason": "STOP"} for n in (0, 1)
    ]
    completion = json.loads(_answer({"candidates": candidates}).body)
    assert [(c["index"], c["message"]["content"]) for c in completion["choices"]] == [(0, "0"), (1, "1")]


def test_a_blocked_prompt_is_a_refusal() -> None:
    """No candidates at all, but a reason."""
    answer = _answer({"promptFeedback": {"blockReason": "SAFETY"}})
    choice = json.loads(answer.body)["choices"][0]
    assert (answer.finish_reason, choice["message"]["content"]) == ("content_filter", None)
    assert choice["message"]["refusal"] == "The prompt was blocked: SAFETY"


def test_an_empty_stop_says_why() -> None:
    """The model's broken call is not in the parts: Google's own words are all there is."""
    completion = _completion(
        finishReason="MALFORMED_FUNCTION_CALL", finishMessage="Malformed function call: f("
    )
    choice = completion["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("stop", "MALFORMED_FUNCTION_CALL")
    assert choice["message"]["refusal"] == "Malformed function call: f("


def test_generated_media_is_kept() -> None:
    """Pictures as data URLs, sound as OpenAI's audio."""
    picture = {"inlineData": {"mimeType": "image/png", "data": "QUJD"}, "thoughtSignature": "c2ln"}
    sound = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "REVG"}}
    message = _message(picture, sound)
    assert message["images"][0]["image_url"]["url"] == "data:image/png;base64,QUJD"
    assert message["images"][0]["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    assert message["audio"]["data"] == "REVG"


def test_code_that_google_ran_is_carried_and_costs_no_text() -> None:
    """Parts without words in the hub, unknown ones among others."""
    code = {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "c2ln"}
    message = _message({"text": "a"}, code, {"holographicData": {"x": 1}}, {"text": "b"})
    assert message["content"] == "ab"
    assert message["extra_content"] == {"google": {"parts": [code]}}


def test_usage_is_counted_once() -> None:
    """Completion is candidates and thoughts; cached tokens are part of the prompt."""
    usage = {
        "promptTokenCount": 10,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 2,
        "totalTokenCount": 15,
    }
    answer = _answer({"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage})
    assert answer.usage == Usage(input_tokens=10, output_tokens=5, cached_tokens=4, reasoning_tokens=2)
    assert json.loads(answer.body)["usage"]["total_tokens"] == 15


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"candidates":{}}', b'"\\ud800"', b"\xff"])
def test_anything_else_is_malformed(body: bytes) -> None:
    """An answer that is not what its protocol says."""
    with pytest.raises(UpstreamMalformed):
        GoogleGenerateContent().answer(body, _CONTEXT)


@pytest.mark.parametrize(("code", "kind"), [(503, UpstreamRejected), (400, UpstreamRefused)])
def test_an_error_inside_a_200_is_that_error(code: int, kind: type[Exception]) -> None:
    """Its own code is its status."""
    with pytest.raises(kind):
        _answer({"error": {"code": code, "message": "no", "status": "UNAVAILABLE"}})
