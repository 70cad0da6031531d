"""Requests as a whole: path, system instruction, service tier, Google's own extras, refusals."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import WireRequest, WireTarget
from llm_gateway.domain.errors import InvalidRequest
from tests.fakes.hub_request import FakeHubRequest

_HELLO = [{"role": "user", "content": "hello"}]


def _encode(model: str = "gemini-2.5-flash", drop: str = "", **body: Any) -> WireRequest:
    request = FakeHubRequest({"model": "asked-for", "messages": _HELLO, **body})
    target = WireTarget(model=model, drop_parameters=frozenset(drop.split()))
    return GoogleGenerateContent().encode(request, target)


def _document(**body: Any) -> Any:
    return msgspec.json.decode(_encode(**body).body)


def test_the_smallest_request_is_one_turn() -> None:
    """Nothing that the client did not ask for is sent."""
    assert _document() == {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"),
        ("models/gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("../files", "/models/..%2Ffiles:generateContent"),
        ("m:countTokens?key=x#", "/models/m%3AcountTokens%3Fkey%3Dx%23:generateContent"),
    ],
)
def test_a_model_is_one_path_segment(model: str, path: str) -> None:
    """No model name reaches another resource or method."""
    assert _encode(model).path == path


def test_a_stream_asks_for_server_sent_events() -> None:
    """Without `alt=sse` Google streams one JSON array."""
    assert _encode(stream=True).path == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"


def test_no_credential_is_in_the_request() -> None:
    """The key is added elsewhere, as a header."""
    assert _encode().headers == ((b"content-type", b"application/json"),)


def test_system_and_developer_messages_become_the_instruction() -> None:
    """Google has one place for both, wherever they stood."""
    late = {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]}
    document = _document(messages=[{"role": "system", "content": "Be brief."}, *_HELLO, late])
    assert document["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]}
    assert len(document["contents"]) == 1


def test_a_lone_system_message_becomes_the_turn() -> None:
    """Google refuses a request without contents."""
    document = _document(messages=[{"role": "system", "content": "Say hi."}])
    assert document == {"contents": [{"role": "user", "parts": [{"text": "Say hi."}]}]}


def test_googles_own_extras_travel_under_extra_body() -> None:
    """The names are those of Google's OpenAI-compatible endpoint."""
    google = {
        "cached_content": "cachedContents/1",
        "thinking_config": {"thinkingBudget": 7},
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "tools": [{"codeExecution": {}}],
        "tool_config": {"includeServerSideToolInvocations": True},
    }
    document = _document(extra_body={"google": google})
    assert document["cachedContent"] == "cachedContents/1"
    assert document["generationConfig"] == {"thinkingConfig": {"thinkingBudget": 7}}
    assert document["toolConfig"] == google["tool_config"]
    assert (document["safetySettings"], document["tools"]) == (google["safety_settings"], google["tools"])


@pytest.mark.parametrize(("tier", "wire"), [("flex", "flex"), ("default", "standard"), ("auto", None)])
def test_service_tiers_have_googles_names(tier: str, wire: str | None) -> None:
    """`auto` leaves it to the project's settings, on both sides."""
    assert _document(service_tier=tier).get("serviceTier") == wire


@pytest.mark.parametrize("store", [True, False])
def test_whether_to_keep_the_exchange_is_passed_on(store: bool) -> None:
    """Google's `store` is about logging; a client that says no means no."""
    assert _document(store=store)["store"] is store


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"logit_bias": {"1": 5}}, "logit_bias"),
        ({"parallel_tool_calls": False, "tools": [{"function": {"name": "f"}}]}, "parallel_tool_calls"),
        ({"messages": []}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "messages[0].role"),
        ({"model": "m", "messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
    ],
)
def test_what_google_cannot_be_told_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequest) as caught:
        _encode(**body)
    assert caught.value.param == param


def test_dropped_parameters_are_as_if_never_sent() -> None:
    """Configuration decides what may be dropped."""
    assert _document(drop="logit_bias temperature", logit_bias={"1": 5}, temperature=1) == _document()


def test_a_model_without_a_name_is_refused() -> None:
    """`models/` alone would address the collection."""
    with pytest.raises(InvalidRequest):
        _encode("models/")
