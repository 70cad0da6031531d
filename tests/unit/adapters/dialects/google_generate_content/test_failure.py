"""Errors: status before text, then Google's details."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected


def _failure(
    status: int, message: str = "no", word: str = "", headers: dict[str, str] | None = None, **detail: Any
) -> UpstreamError:
    error = {"code": status, "message": message, "status": word, "details": [detail] if detail else []}
    return GoogleGenerateContent().failure(status, headers or {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (_failure(400, word="INVALID_ARGUMENT"), "invalid_request_error", "invalid_argument"),
        (_failure(400, reason="API_KEY_INVALID"), "authentication_error", "invalid_api_key"),
        (
            _failure(400, "API key not valid. Please pass a valid one."),
            "authentication_error",
            "invalid_api_key",
        ),
        (
            _failure(
                400, "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."
            ),
            "invalid_request_error",
            "context_length_exceeded",
        ),
        (_failure(401, word="UNAUTHENTICATED"), "authentication_error", "invalid_api_key"),
        (_failure(403, reason="SERVICE_DISABLED"), "permission_error", "service_disabled"),
        (_failure(403, word="PERMISSION_DENIED"), "permission_error", "permission_denied"),
        (_failure(404, "models/x is not found"), "not_found_error", "model_not_found"),
        (_failure(413), "invalid_request_error", "request_too_large"),
        (_failure(429, word="RESOURCE_EXHAUSTED"), "rate_limit_error", "rate_limit_exceeded"),
        (
            _failure(429, violations=[{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]),
            "insufficient_quota",
            "insufficient_quota",
        ),
        (
            _failure(429, "You exceeded your current quota", violations=[{"quotaId": "RequestsPerMinute"}]),
            "rate_limit_error",
            "rate_limit_exceeded",
        ),
        (_failure(500, word="INTERNAL"), "server_error", "internal"),
        (_failure(503, "The model is overloaded."), "overloaded_error", "overloaded"),
        (_failure(504, word="DEADLINE_EXCEEDED"), "timeout_error", "upstream_timeout"),
    ],
)
def test_an_error_speaks_openais_vocabulary(error: UpstreamError, kind: str, code: str) -> None:
    """Type and code, and the upstream's status as it was."""
    assert (error.error_type, error.code) == (kind, code)
    assert error.status is not None and error.status >= 400


@pytest.mark.parametrize("status", [408, 429, 499, 500, 502, 503, 504, 529])
def test_statuses_that_say_that_nothing_ran_are_rejections(status: int) -> None:
    """Another attempt may do better."""
    assert isinstance(_failure(status), UpstreamRejected)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_statuses_that_say_no_are_refusals(status: int) -> None:
    """The same request again would fail again."""
    assert isinstance(_failure(status), UpstreamRefused)


def test_retry_info_is_a_retry_after() -> None:
    """google.rpc.RetryInfo; a header wins over it."""
    assert _failure(429, retryDelay="34.5s").retry_after == 34.5
    assert _failure(429, headers={"retry-after": "7"}, retryDelay="34.5s").retry_after == 7
    assert _failure(429, retryDelay="soon").retry_after is None


def test_the_offending_field_is_named() -> None:
    """google.rpc.BadRequest, or what OpenAI calls it."""
    violation = {"field": "generation_config.temperature", "description": "too hot"}
    assert _failure(400, fieldViolations=[violation]).param == "generation_config.temperature"
    assert _failure(400, "input token count exceeds").param == "messages"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("See https://x.test/a?key=AIzaSyA1234567890&b=1 now", "See https://x.test/a now"),
        ("Key AIzaSyA1234567890 is bad", "Key [redacted] is bad"),
        ("Failed. [ORIGINAL ERROR] generic::internal: /srv/secret.cc:12", "Failed."),
        ("x" * 5000, "x" * 2000),
    ],
)
def test_nothing_secret_is_passed_on(message: str, said: str) -> None:
    """Keys, URL queries and traces are left out."""
    assert _failure(500, message).message == said


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'[{"error": {"message": "as a list"}}]', "as a list"),
        (b'{"error": "as a string"}', "as a string"),
        (b"<html>Bad gateway</html>", "the upstream answered 502"),
        (b"", "the upstream answered 502"),
        (b"[]", "the upstream answered 502"),
        (
            b'{"error": {"message": 7, "details": [7, {"violations": [7], "metadata": 7}]}}',
            "the upstream answered 502",
        ),
    ],
)
def test_any_body_is_an_error(body: bytes, message: str) -> None:
    """Streams without `alt=sse` put it into a list; proxies send pages."""
    assert GoogleGenerateContent().failure(502, {}, body).message == message
