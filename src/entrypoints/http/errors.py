"""Domain error to HTTP status, as one table."""

from __future__ import annotations

from llm_gateway.domain import errors

# Looked up along the class's own line of ancestors, so a subclass may be listed or inherit.
STATUS: dict[type[errors.GatewayError], int] = {
    errors.InvalidRequest: 400,
    errors.RequestTooLarge: 413,
    errors.UnsupportedEncoding: 415,
    errors.ModelNotFound: 404,
    errors.NotFound: 404,
    errors.AuthenticationFailed: 401,
    errors.PermissionDenied: 403,
    errors.NoHealthyProviders: 503,
    errors.RateLimited: 429,
    errors.Overloaded: 503,
    errors.DeadlineExceeded: 504,
    errors.ConfigurationError: 422,
    errors.UpstreamError: 502,
    errors.UpstreamTimeout: 504,
    errors.GatewayError: 500,
}

TYPE_BY_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    405: "invalid_request_error",
    408: "timeout_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    499: "client_closed_request",
    500: "server_error",
    502: "upstream_error",
    503: "server_error",
    504: "timeout_error",
}

_ROUTING = (errors.NoHealthyProviders, errors.PolicyDenied)
# The gateway's own credential was refused: to the client that is a bad gateway, not a missing login.
_NOT_THE_CLIENTS_FAULT = {401: 502, 403: 502, 407: 502}


def status_of(error: errors.GatewayError) -> int:
    """The HTTP status a client gets. An upstream's own status is kept where it speaks of the request."""
    if isinstance(error, errors.UpstreamError) and error.status is not None and error.status >= 400:
        return _NOT_THE_CLIENTS_FAULT.get(error.status, error.status)
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def type_of(error: errors.GatewayError) -> str:
    """OpenAI's `type` word."""
    if isinstance(error, errors.UpstreamError):
        return error.error_type
    if isinstance(error, _ROUTING):
        return "routing_error"
    return TYPE_BY_STATUS.get(status_of(error), "server_error")
