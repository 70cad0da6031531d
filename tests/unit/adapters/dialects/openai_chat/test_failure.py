"""Upstream errors in OpenAI's shape, status before text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected


def failure(status: int, body: Any, **headers: str) -> UpstreamError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return OpenAIChat().failure(status, found, raw)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_statuses_that_say_nothing_ran_are_rejections(status: int) -> None:
    """Whatever the body says."""
    assert isinstance(failure(status, {"error": {"message": "bad request", "code": 400}}), UpstreamRejected)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_the_others_are_refusals(status: int) -> None:
    """The same request would be refused again."""
    assert isinstance(failure(status, {"error": {"message": "overloaded"}}), UpstreamRefused)


def test_quota_and_rate_are_told_apart() -> None:
    """Both are 429: one passes with time, the other with money."""
    quota = failure(
        429, {"error": {"message": "m", "type": "insufficient_quota", "code": "insufficient_quota"}}
    )
    rate = failure(429, {"error": {"message": "m", "type": "requests", "code": "rate_limit_exceeded"}})
    assert (quota.code, rate.code) == ("insufficient_quota", "rate_limit_exceeded")


def test_retry_after_is_kept() -> None:
    """In seconds."""
    assert failure(429, {}, retry_after="7").retry_after == 7.0
    assert failure(429, {}, retry_after_ms="1500").retry_after == 1.5


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "too long", "code": "context_length_exceeded"}},
        {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400},
        {"error": {"message": "the request exceeds the available context size", "type": "exceed"}},
        {"message": "Prompt is too long"},
    ],
)
def test_a_context_that_is_too_long_has_its_code(body: dict[str, Any]) -> None:
    """OpenAI's word, whoever says it."""
    assert failure(400, body).code == "context_length_exceeded"


def test_a_content_filter_keeps_its_code() -> None:
    """Azure's 400."""
    error = {"message": "filtered", "code": "content_filter", "param": "prompt", "status": 400}
    found = failure(400, {"error": error})
    assert (found.code, found.param) == ("content_filter", "prompt")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ({"message": "no"}, "no"),
        ([{"error": {"message": "no"}}], "no"),
        ({"detail": [{"loc": ["body", "n"], "msg": "Extra inputs"}]}, "n: Extra inputs"),
        ({"message": {"detail": [{"loc": ["body", "n"], "msg": "Extra"}]}}, "n: Extra"),
        (b"<html>secret page</html>", "the upstream answered 400"),
        (b"", "the upstream answered 400"),
        ({"error": None}, "the upstream answered 400"),
    ],
)
def test_messages_are_found_where_servers_put_them(body: Any, message: str) -> None:
    """A page of HTML helps nobody and may hold anything."""
    assert failure(400, body).message == message


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Incorrect API key provided: sk-proj-abcdef123.", "Incorrect API key provided: [redacted]"),
        ("Incorrect API key provided: ab12****wxyz", "Incorrect API key provided: [redacted]"),
        ("Bearer abcdef refused", "[redacted] refused"),
        ("token eyJhbGciOiJI.eyJzdWIiOiI.sig bad", "token [redacted] bad"),
        ("see https://x.test/a?key=1&b=2 there", "see https://x.test/a there"),
        ("the key is wrong", "the key is wrong"),
    ],
)
def test_keys_and_queries_are_not_shown(said: str, shown: str) -> None:
    """Upstreams echo what they refuse."""
    assert failure(401, {"error": {"message": said}}).message == shown


def test_numbers_that_only_repeat_the_status_are_no_codes() -> None:
    """OpenRouter's `code: 429` is `rate_limit_exceeded`; Mistral's 3001 stays."""
    assert failure(429, {"error": {"message": "m", "code": 429}}).code == "rate_limit_exceeded"
    assert failure(422, {"message": "m", "code": 3001}).code == "3001"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"status_code": 503}, 503),
        ({"code": "429"}, 429),
        ({"code": "invalid_api_key", "type": "invalid_request_error"}, 401),
        ({"type": "overloaded_error"}, 503),
        ({"type": "invalid_request_error"}, 400),
        ({"type": "server_error"}, 502),
    ],
)
def test_an_error_without_a_status_has_the_one_that_it_means(error: dict[str, Any], status: int) -> None:
    """Inside a 200 or a stream; a number first, then the words."""
    assert failure_from(200, {"message": "m", **error}).status == status
