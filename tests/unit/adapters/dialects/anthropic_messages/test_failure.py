"""Upstream errors in OpenAI's shape."""

from __future__ import annotations

import json

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.failure import event_failure, read_failure
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected


def failure(status: int, type: str = "", message: str = "words", **headers: str) -> UpstreamError:
    body = {"type": "error", "error": {"type": type, "message": message}, "request_id": "req_1"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_failure(status, sent, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("status", "type", "error_type", "code"),
    [
        (400, "invalid_request_error", "invalid_request_error", "invalid_request"),
        (401, "authentication_error", "authentication_error", "invalid_api_key"),
        (402, "billing_error", "insufficient_quota", "insufficient_quota"),
        (403, "permission_error", "permission_error", "insufficient_permissions"),
        (404, "not_found_error", "not_found_error", "not_found"),
        (413, "request_too_large", "invalid_request_error", "request_too_large"),
        (429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded"),
        (500, "api_error", "server_error", "server_error"),
        (504, "timeout_error", "timeout_error", "upstream_timeout"),
        (529, "overloaded_error", "overloaded_error", "overloaded"),
        (418, "api_error", "invalid_request_error", "invalid_request"),
    ],
)
def test_status_before_text(status: int, type: str, error_type: str, code: str) -> None:
    """Status kept, type and code in OpenAI's vocabulary, the provider's own words."""
    error = failure(status, type)
    assert (error.status, error.error_type, error.code, error.message) == (status, error_type, code, "words")
    ran_not = status >= 500 or status == 429
    assert isinstance(error, UpstreamRejected if ran_not else UpstreamRefused)


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "prompt is too long: 208310 tokens > 200000 maximum", "context_length_exceeded"),
        (400, "input length and `max_tokens` exceed context limit: 1 + 2 > 2", "context_length_exceeded"),
        (400, "Your credit balance is too low to access the Anthropic API.", "insufficient_quota"),
        (400, "You have reached your specified API usage limits.", "insufficient_quota"),
        (429, "This request would exceed your account's rate limit.", "rate_limit_exceeded"),
        (404, "model: claude-sonet-4-5", "model_not_found"),
    ],
)
def test_what_only_the_message_says(status: int, message: str, code: str) -> None:
    """Too long, out of money, no such model."""
    assert failure(status, message=message).code == code


def test_retry_after_is_kept() -> None:
    """In seconds."""
    assert failure(429, "rate_limit_error", retry_after="12").retry_after == 12


@pytest.mark.parametrize(
    ("message", "clean"),
    [
        ("invalid key sk-ant-api03-abcdef", "invalid key [redacted]"),
        ("invalid key provided", "invalid key provided"),
        ("x-api-key: abc123 refused", "[redacted] refused"),
        ("see https://a.b/c?token=1 now", "see https://a.b/c now"),
        ("failed\nTraceback (most recent call last):\n  File x", "failed"),
        ("failed\n    at Object.f (/app/x.js:1:2)", "failed\n"),
    ],
)
def test_nothing_secret_is_passed_on(message: str, clean: str) -> None:
    """No key, URL query or stack trace."""
    assert failure(500, message=message).message.strip() == clean.strip()


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'{"error":"x"}', b"\xff\xfe"])
def test_a_body_that_is_not_anthropics_says_nothing(body: bytes) -> None:
    """Some proxy's page may hold anything."""
    error = read_failure(502, {}, body)
    assert (error.message, error.code) == ("the provider answered 502", "server_error")


def test_an_error_event_stands_for_a_status() -> None:
    """So that it is classified like one."""
    error = event_failure(b'{"type":"rate_limit_error","message":"slow down"}')
    assert isinstance(error, UpstreamRejected) and error.status == 429
    assert event_failure(b"nonsense").status == 500
