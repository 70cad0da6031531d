"""What a client sees when a stream cannot be finished: an error event, never `[DONE]`."""

from __future__ import annotations

import json

from llm_gateway.domain.errors import GatewayError, UpstreamError

DONE = b"data: [DONE]\n\n"


def error_event(error: GatewayError, *, code: str = "stream_truncated") -> bytes:
    """`data: {"error": {…}}` in OpenAI's shape. `cause` keeps what really happened."""
    kind = error.error_type if isinstance(error, UpstreamError) else "server_error"
    body = {
        "error": {"message": error.message, "type": kind, "param": None, "code": code, "cause": error.code}
    }
    return b"data: " + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
