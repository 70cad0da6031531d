"""Google's errors in OpenAI's vocabulary: status before text, then google.rpc details, then words.

Source: google.rpc.Status with ErrorInfo, RetryInfo, QuotaFailure and BadRequest (error_details.proto), shaped
`{"error": {code, message, status, details[]}}`, in a list when streamed without `alt=sse`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.wire import DECODE_ERRORS
from llm_gateway.adapters.provider_kit.retry_after import LONGEST_S, retry_after
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected

# Statuses that say that nothing ran. 499 is Google's own cancellation, seen inside streams.
_NOTHING_RAN = frozenset({408, 409, 425, 429, 499, 500, 502, 503, 504, 529})
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_CODES = {
    401: "invalid_api_key",
    413: "request_too_large",
    503: "overloaded",
    504: "upstream_timeout",
    529: "overloaded",
}
_LONGEST_MESSAGE = 2000
_SECRET = re.compile(
    r"AIza[\w\-*]{8,}|\bya29\.[\w\-.]+|(?i:\bBearer )[\w\-.~+/=]{8,}|(?i:\bkey=)[\w\-*.]{4,}"
)
_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_TRACE = re.compile(r"\s*(?:Traceback \(most recent|\[ORIGINAL ERROR\]|\n\s+at \S+\().*", re.DOTALL)
_BAD_KEY = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING"})
_TOO_LONG = re.compile(r"(?i)input token count.*exceeds|exceeds the maximum number of tokens|context length")
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)s$")


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """The error that an answer with `status` ≥ 400 means. `headers` have lower-case names."""
    return _failure(status, _error_object(body), retry_after(headers))


def failure_inside(error: bytes) -> UpstreamError:
    """The error that a 200 or a stream carried: its own `code` is the status, else 502."""
    fields = _fields(error)
    code = fields.get("code")
    return _failure(code if isinstance(code, int) and 400 <= code < 600 else 502, fields, None)


def _failure(status: int, fields: Mapping[str, Any], wait: float | None) -> UpstreamError:
    message = fields.get("message")
    message = message if isinstance(message, str) else ""
    details = _details(fields)
    kind = UpstreamRejected if status in _NOTHING_RAN or status >= 500 else UpstreamRefused
    code = _code(status, fields, message, details)
    return kind(
        _clean(message) or f"the upstream answered {status}",
        status=status,
        error_type=_type(status, code),
        code=code,
        param="messages" if code == "context_length_exceeded" else _field(details),
        retry_after=wait if wait is not None else _retry_delay(details),
    )


def _type(status: int, code: str) -> str:
    if code in ("insufficient_quota", "invalid_request_error"):
        return code
    if code == "invalid_api_key":
        return "authentication_error"
    return _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")


def _code(status: int, fields: Mapping[str, Any], message: str, details: list[dict[str, Any]]) -> str:
    """OpenAI's word where it has one, else Google's `reason` or `status` in lower case."""
    reason = next((d["reason"] for d in details if isinstance(d.get("reason"), str) and d["reason"]), "")
    if status in (400, 401, 403) and (
        reason in _BAD_KEY or (status == 400 and "API key not valid" in message)
    ):
        return "invalid_api_key"
    if status == 400 and _TOO_LONG.search(message):
        return "context_length_exceeded"
    if status == 404:
        return "model_not_found" if "model" in message.lower() else "not_found"
    if status == 429:
        return "insufficient_quota" if _used_up(message, details) else "rate_limit_exceeded"
    if status in _CODES:
        return _CODES[status]
    word = fields.get("status")
    return _clean(reason or (word if isinstance(word, str) else "")).lower() or "upstream_error"


def _used_up(message: str, details: list[dict[str, Any]]) -> bool:
    """Whether waiting a minute will not help: a day's quota or a prepaid balance is gone.

    The message is no evidence: it speaks of "your current quota" for both kinds.
    """
    if "prepayment credits" in message:
        return True
    for detail in details:
        metadata = detail.get("metadata")
        limits = [metadata.get("quota_limit")] if isinstance(metadata, dict) else []
        violations = detail.get("violations")
        for violation in violations if isinstance(violations, list) else ():
            if isinstance(violation, dict):
                limits.append(violation.get("quotaId"))
        if any(isinstance(limit, str) and "PerDay" in limit for limit in limits):
            return True
    return False


def _retry_delay(details: list[dict[str, Any]]) -> float | None:
    for detail in details:
        delay = detail.get("retryDelay")
        match = _DURATION.match(delay) if isinstance(delay, str) else None
        if match:
            return min(float(match[1]), LONGEST_S)
    return None


def _field(details: list[dict[str, Any]]) -> str | None:
    for detail in details:
        violations = detail.get("fieldViolations")
        for violation in violations if isinstance(violations, list) else ():
            field = violation.get("field") if isinstance(violation, dict) else None
            if isinstance(field, str) and field:
                return _clean(field)[:200]
    return None


def _details(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    details = fields.get("details")
    return [d for d in details if isinstance(d, dict)] if isinstance(details, list) else []


def _error_object(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except DECODE_ERRORS:
        return {}  # an HTML page of some proxy: its text helps nobody and may hold anything
    if isinstance(document, list):
        document = document[0] if document else None
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _fields(error: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(error)
    except DECODE_ERRORS:
        return {}
    return document if isinstance(document, dict) else {"message": document}


def _clean(message: str) -> str:
    """The message without keys, URL queries, traces, or anything past 2,000 characters."""
    return _QUERY.sub(r"\1", _SECRET.sub("[redacted]", _TRACE.sub("", message)))[:_LONGEST_MESSAGE]
