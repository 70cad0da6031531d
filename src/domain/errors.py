"""Every error the gateway can answer with, as one tree that carries fields rather than sentences.

    GatewayError                      .message .code .param .retry_after
    ├── InvalidRequest                the client's mistake; names the field
    │   ├── RequestTooLarge
    │   ├── UnsupportedEncoding       a compressed body
    │   └── UnsupportedParameter      no candidate can honour a parameter; names both
    ├── ModelNotFound
    ├── AuthenticationFailed
    ├── PermissionDenied
    │   └── PolicyDenied
    ├── NoHealthyProviders            nothing is usable now; .reasons per provider
    ├── RateLimited                   every usable target is cooling down
    ├── Overloaded                    the gateway's own limits; retry later
    ├── DeadlineExceeded              the request's deadline passed
    ├── NotFound                      a decision, an event, a revision
    ├── ConfigurationError            .path .line .hint
    └── UpstreamError                 .provider .status .outcome .error_type
        ├── UpstreamNotReached        DNS, connect, TLS, pool: nothing was sent
        ├── UpstreamRejected          a status that says that nothing ran (429, 5xx …)
        ├── UpstreamRefused           a status that says no (400, 401, 404 …)
        ├── UpstreamTimeout           .phase connect | first_byte | idle | total
        ├── UpstreamDisconnected      written, then lost before an answer
        └── UpstreamMalformed         an answer that is not what its protocol says

The HTTP status of each is one table, in entrypoints/http/errors.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Outcome = Literal["not_sent", "rejected", "refused", "unknown", "partial", "completed", "cancelled"]


class GatewayError(Exception):
    """Base of everything the gateway raises on purpose.

    `message` is for people and never holds a secret; `code` is OpenAI's (or this gateway's) machine
    word; `param` names the offending field; `retry_after` is in seconds.
    """

    code: str = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after
        if code is not None:
            self.code = code


class InvalidRequest(GatewayError):
    code = "invalid_request"


class RequestTooLarge(InvalidRequest):
    code = "request_too_large"


class UnsupportedEncoding(InvalidRequest):
    code = "unsupported_content_encoding"


class UnsupportedParameter(InvalidRequest):
    code = "unsupported_parameter"


class ModelNotFound(GatewayError):
    code = "model_not_found"


class AuthenticationFailed(GatewayError):
    code = "invalid_api_key"


class PermissionDenied(GatewayError):
    code = "insufficient_permissions"


class PolicyDenied(PermissionDenied):
    code = "policy_denied"


class NoHealthyProviders(GatewayError):
    """`reasons` maps a provider or target to why it was left out."""

    code = "no_healthy_providers"

    def __init__(
        self,
        message: str,
        *,
        reasons: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.reasons = dict(reasons or {})


class RateLimited(GatewayError):
    code = "rate_limit_exceeded"


class Overloaded(GatewayError):
    code = "gateway_overloaded"


class DeadlineExceeded(GatewayError):
    code = "deadline_exceeded"


class NotFound(GatewayError):
    code = "not_found"


class ConfigurationError(GatewayError):
    """`path` such as `routing.rules[2].action.providers[0]`, `line` 1-based, `hint` a way out.

    `others` are further mistakes found in the same configuration.
    """

    code = "invalid_configuration"

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int | None = None,
        hint: str | None = None,
        others: tuple[ConfigurationError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.hint = hint
        self.others = others


class UpstreamError(GatewayError):
    """One attempt's failure.

    `status` is the upstream's (None when there was none), `error_type` and `code` are in OpenAI's
    vocabulary, `outcome` the attempt's class (behaviour.md §3).
    """

    code = "upstream_error"
    outcome: Outcome = "unknown"
    # A stream whose head said 200 and that failed before its first content: nobody has seen any of it.
    before_content = False

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        status: int | None = None,
        error_type: str = "upstream_error",
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        super().__init__(message, code=code, param=param, retry_after=retry_after)
        self.provider = provider
        self.status = status
        self.error_type = error_type
        if outcome is not None:
            self.outcome = outcome


class UpstreamNotReached(UpstreamError):
    code = "upstream_unreachable"
    outcome = "not_sent"


class UpstreamRejected(UpstreamError):
    outcome = "rejected"


class UpstreamRefused(UpstreamError):
    outcome = "refused"


class UpstreamTimeout(UpstreamError):
    """`phase` says which limit was hit; a connect timeout sent nothing."""

    def __init__(
        self, message: str, *, phase: Literal["connect", "first_byte", "idle", "total"], provider: str = ""
    ) -> None:
        super().__init__(
            message,
            provider=provider,
            error_type="timeout_error",
            code=f"upstream_{phase}_timeout",
            outcome="not_sent" if phase == "connect" else "unknown",
        )
        self.phase = phase


class UpstreamDisconnected(UpstreamError):
    code = "upstream_disconnected"
    outcome = "unknown"


class UpstreamMalformed(UpstreamError):
    code = "upstream_malformed"
    outcome = "unknown"
