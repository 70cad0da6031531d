"""Webhooks as LLM-Auto-Optimizer sends them, with `source` and `metadata` among what it has signed."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

SECRET = "a-webhook-secret-of-these-tests"
_SIGNED = ("id", "eventType", "timestamp", "data", "version")


def payload(event_id: str, *changes: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "id": event_id,
        "eventType": "optimization.completed",
        "timestamp": 1_700_000_000_000,
        "source": "llm-auto-optimizer",
        "data": {"changes": list(changes)},
        "version": "1.0",
        "metadata": {"run": 1},
        **members,
    }


def compact(value: Any) -> str:
    """JSON.stringify, for values in which Python and JavaScript agree."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def headers(document: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """`at` is Unix seconds, now by default."""
    milliseconds = str(int((time.time() if at is None else at) * 1000))
    signed = compact({name: document[name] for name in _SIGNED if name in document})
    digest = hmac.digest(secret.encode(), f"{milliseconds}.{signed}".encode(), "sha256")
    return {
        "Content-Type": "application/json",
        "X-Webhook-Signature": digest.hex(),
        "X-Webhook-Timestamp": milliseconds,
        "X-Webhook-Event-Id": str(document.get("id")),
    }


def weight(value: int, **more: Any) -> dict[str, Any]:
    """A change of provider `one`'s weight."""
    return {"parameter": "providers.one.weight", "new_value": value, "change_type": "replace", **more}
