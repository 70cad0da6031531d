"""A routing rejection as the error that the client sees."""

from __future__ import annotations

from llm_gateway.domain.decision import Rejection
from llm_gateway.domain.errors import (
    GatewayError,
    InvalidRequest,
    ModelNotFound,
    NoHealthyProviders,
    Overloaded,
    PolicyDenied,
    RateLimited,
    UnsupportedParameter,
)


def rejection_error(rejection: Rejection) -> GatewayError:
    message, param, wait = rejection.message, rejection.param, rejection.retry_after
    match rejection.code:
        case "model_not_found":
            return ModelNotFound(message, param="model")
        case "unsupported_parameter":
            return UnsupportedParameter(message, param=param)
        case "context_length_exceeded":
            return InvalidRequest(message, param=param or "messages", code="context_length_exceeded")
        case "rate_limit_exceeded":
            return RateLimited(message, retry_after=wait)
        case "gateway_overloaded":
            return Overloaded(message, retry_after=wait)
        case "policy_denied":
            return PolicyDenied(message)
        case "no_healthy_providers":
            return NoHealthyProviders(message, retry_after=wait)
