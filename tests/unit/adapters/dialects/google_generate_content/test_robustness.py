"""Documents of the right words in the wrong places: always an answer or the error that the port allows."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import AnswerContext, WireTarget
from llm_gateway.domain.errors import InvalidRequest, UpstreamError
from tests.fakes.hub_request import FakeHubRequest

_DIALECT = GoogleGenerateContent()
_WORDS = [
    "",
    "x",
    "user",
    "assistant",
    "tool",
    "text",
    "function",
    "STOP",
    "data:,x",
    "{}",
    "json_schema",
    "low",
]
_LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats(allow_nan=False) | st.sampled_from(_WORDS)
)


def _documents(names: list[str], top: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    nested = st.recursive(
        _LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=30,
    )
    return st.dictionaries(st.sampled_from(top), nested, max_size=6)


_PART = ["text", "thought", "thoughtSignature", "functionCall", "inlineData", "executableCode"]
_CALL = ["name", "id", "args", "partialArgs", "jsonPath", "stringValue", "willContinue", "mimeType", "data"]
_CANDIDATE = [
    "content",
    "parts",
    "index",
    "finishReason",
    "finishMessage",
    "groundingMetadata",
    "logprobsResult",
]
_RESPONSE = ["candidates", "promptFeedback", "usageMetadata", "responseId", "createTime", "error"]
_PARTS = st.lists(_documents([*_PART, *_CALL], _PART), max_size=3)
_ANSWERS = st.fixed_dictionaries(
    {
        "candidates": st.lists(
            st.fixed_dictionaries({"content": st.fixed_dictionaries({"parts": _PARTS})}), max_size=2
        )
    }
) | _documents([*_PART, *_CALL, *_CANDIDATE], _RESPONSE)

_MESSAGE = [
    "role",
    "content",
    "tool_calls",
    "tool_call_id",
    "name",
    "reasoning_details",
    "extra_content",
    "images",
]
_INNER = [
    "type",
    "text",
    "image_url",
    "url",
    "file",
    "file_id",
    "function",
    "arguments",
    "id",
    "google",
    "data",
]
_BODY = [
    "tools",
    "tool_choice",
    "response_format",
    "json_schema",
    "schema",
    "extra_body",
    "stop",
    "n",
    "audio",
]
_BODY += ["reasoning_effort", "modalities", "functions", "function_call", "logprobs", "web_search_options"]


@settings(max_examples=100, deadline=None)
@given(_ANSWERS)
def test_any_answer_is_read_or_refused(document: dict[str, Any]) -> None:
    """UpstreamError is all that an answer may raise; a stream of it raises nothing."""
    body = json.dumps(document).encode()
    context = AnswerContext(id="chatcmpl-1", created=7, model="m", include_usage=True)
    with contextlib.suppress(UpstreamError):
        json.loads(_DIALECT.answer(body, context).body)
    reader = _DIALECT.stream(context)
    reader.feed(b"data: " + body + b"\n\n")
    reader.close()
    assert reader.finished is (reader.failure is None)


_ROLES = st.sampled_from(["system", "user", "assistant", "tool"])
_MESSAGES = st.builds(
    lambda role, rest: {**rest, "role": role}, _ROLES, _documents([*_MESSAGE, *_INNER], _MESSAGE)
)


@settings(max_examples=100, deadline=None)
@given(
    messages=st.lists(_MESSAGES, min_size=1, max_size=2),
    rest=_documents([*_INNER, *_BODY], _BODY),
)
def test_any_request_is_said_or_refused(messages: list[Any], rest: dict[str, Any]) -> None:
    """InvalidRequest is all that encoding may raise."""
    request = FakeHubRequest({"model": "m", "messages": messages, **rest})
    with contextlib.suppress(InvalidRequest):
        json.loads(_DIALECT.encode(request, WireTarget(model="gemini-2.5-flash")).body)
