"""WebhookSignature: whether the optimizer has signed a webhook, and what exactly it has signed.

The sender prints `{"id","eventType","timestamp","data","version"}` of its payload with JSON.stringify, puts
the time in milliseconds and a dot before it, and sends HMAC-SHA256 of that in hex (contracts.md §7). The body
that it posts has further members between those, so the signed text has to be printed again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Final

from llm_gateway.application.secret import Secret
from llm_gateway.domain.ecmascript_json import parse, stringify
from llm_gateway.domain.errors import AuthenticationFailed

TOLERANCE_S: Final = 300.0
_SIGNED: Final = ("id", "eventType", "timestamp", "data", "version")
_HEX: Final = re.compile(rb"[\da-fA-F]{64}")
_MILLISECONDS: Final = re.compile(rb"[1-9]\d{0,15}")


def not_signed(message: str) -> AuthenticationFailed:
    return AuthenticationFailed(message, code="invalid_signature")


class WebhookSignature:
    """`now` gives Unix seconds."""

    def __init__(self, secret: Secret, *, now: Callable[[], float]) -> None:
        self._secret = secret
        self._now = now

    def verified(self, body: bytes, *, signature: bytes | None, timestamp: bytes | None) -> str:
        """The JSON text that was signed: nothing else of the body may be looked at.

        `signature` and `timestamp` are the headers' values. Raises AuthenticationFailed. Takes 150 ms for
        256 KiB of the worst: not for the event loop.
        """
        if signature is None or not _HEX.fullmatch(signature):
            raise not_signed("X-Webhook-Signature must be 64 hexadecimal digits")
        if timestamp is None or not _MILLISECONDS.fullmatch(timestamp):
            raise not_signed("X-Webhook-Timestamp must be milliseconds since 1970")
        if abs(int(timestamp) / 1000 - self._now()) > TOLERANCE_S:
            raise not_signed("X-Webhook-Timestamp is more than five minutes from this gateway's time")
        for candidate in (body, _compact(body)):
            if candidate is not None and self._signs(timestamp + b"." + candidate, signature):
                try:
                    return candidate.decode("utf-8")
                except UnicodeDecodeError:
                    break
        raise not_signed("X-Webhook-Signature does not fit this body, timestamp and secret")

    def _signs(self, text: bytes, signature: bytes) -> bool:
        key = self._secret.reveal().encode("utf-8")
        return hmac.compare_digest(hmac.digest(key, text, "sha256").hex().encode(), signature.lower())


def _compact(body: bytes) -> bytes | None:
    """What the sender printed of the payload that it posted; None for a body that it cannot have posted."""
    try:
        payload = parse(body.decode("utf-8"))
        if not isinstance(payload, dict):
            return None
        # JSON.stringify leaves out what is undefined.
        return stringify({name: payload[name] for name in _SIGNED if name in payload}).encode("utf-8")
    except (ValueError, RecursionError):
        return None
