"""The body that ruvector-service takes for one decision record (contracts.md §3).

{"type":<decision_type>,"runId":<execution_ref>,"source":"llm-inference-gateway","timestamp":...,
 "payload":<the whole record>}
"""

from __future__ import annotations

from typing import Any

import msgspec

MOST_BYTES = 10_000_000
_SOURCE = "llm-inference-gateway"
_MOST_TYPE_CHARACTERS = 100
_ESCAPED_NUL = b"\\u0000"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Unsendable(ValueError):
    """A line that the service would refuse or choke on; the message says why."""


class _Head(msgspec.Struct):
    decision_type: str
    execution_ref: str
    timestamp: str


class _Envelope(msgspec.Struct):
    type: str
    runId: str
    source: str
    timestamp: str
    payload: msgspec.Raw


_head = msgspec.json.Decoder(_Head).decode
_encode = msgspec.json.Encoder().encode


def envelope(line: bytes) -> bytes:
    """The request's body. The record's bytes go as they are, but for NUL, which the service's database cannot
    hold: it becomes U+FFFD, and then the payload's `hash` is that of the spooled record, not of the payload.

    Raises Unsendable.
    """
    if _ESCAPED_NUL in line:
        line = _without_nul(line)
    try:
        head = _head(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Unsendable(f"not a decision record: {exc}") from exc
    for name in ("decision_type", "execution_ref", "timestamp"):
        if not getattr(head, name):
            raise Unsendable(f"{name} is empty")
    if len(head.decision_type) > _MOST_TYPE_CHARACTERS:
        raise Unsendable(f"decision_type has more than {_MOST_TYPE_CHARACTERS} characters")
    body = _encode(
        _Envelope(
            type=head.decision_type,
            runId=head.execution_ref,
            source=_SOURCE,
            timestamp=head.timestamp,
            payload=msgspec.Raw(line),
        )
    )
    if len(body) > MOST_BYTES:
        raise Unsendable(f"{len(body)} bytes are more than the service takes ({MOST_BYTES})")
    return body


def _without_nul(line: bytes) -> bytes:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise Unsendable(f"not a decision record: {exc}") from exc
    return _encode(_cleaned(record))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", _REPLACEMENT)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(item) for name, item in value.items()}
    return value
