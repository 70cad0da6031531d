"""The error body of the inference and agent endpoints, in OpenAI's shape."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from llm_gateway.domain.errors import GatewayError
from llm_gateway.entrypoints.http.errors import type_of

_encode = msgspec.json.Encoder().encode


def error_object(error: GatewayError, **more: Any) -> dict[str, Any]:
    """`{"error": {"message", "type", "param", "code", …}}`; `more` adds members such as `attempts`."""
    return {
        "error": {
            "message": error.message,
            "type": type_of(error),
            "param": error.param,
            "code": error.code,
            **more,
        }
    }


def error_body(error: GatewayError, **more: Any) -> bytes:
    return _encode(error_object(error, **more))


def retry_after_header(error: GatewayError) -> list[tuple[bytes, bytes]]:
    """`retry-after` in whole seconds, rounded up: clients that come back earlier would be refused again."""
    if error.retry_after is None:
        return []
    return [(b"retry-after", str(max(0, math.ceil(error.retry_after))).encode())]
