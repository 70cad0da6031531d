"""What the optimizer has signed, and what it has not."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.application.secret import Secret
from llm_gateway.application.webhook_signature import WebhookSignature
from llm_gateway.domain.errors import AuthenticationFailed
from tests.samples.webhooks import SECRET, compact, headers, payload, weight

NOW = 1_764_000_000.25
DOCUMENT = payload("e", weight(7), version="é\U0001f600")
# A body, and what node prints of its signed members.
BODY = (
    '{"version":"1.0","data":{"x":1.50,"10":1e21,"2":"\\u00e9\\ud800","changes":[]},'
    '"source":"s","eventType":"t","id":"e"}'
)
PRINTED = '{"id":"e","eventType":"t","data":{"2":"é\\ud800","10":1e+21,"x":1.5,"changes":[]},"version":"1.0"}'


def verified(body: bytes | str, sent: dict[str, str], *, now: float = NOW) -> str:
    signature = WebhookSignature(Secret(SECRET), now=lambda: now)
    return signature.verified(
        body if isinstance(body, bytes) else body.encode(),
        signature=sent["X-Webhook-Signature"].encode() or None,
        timestamp=sent["X-Webhook-Timestamp"].encode() or None,
    )


def signed(text: bytes) -> dict[str, str]:
    digest = hmac.digest(SECRET.encode(), b"1764000000250." + text, "sha256").hex()
    return {"X-Webhook-Signature": digest, "X-Webhook-Timestamp": "1764000000250"}


@pytest.mark.parametrize("indent", [None, 2])
def test_the_signed_members_come_back_and_nothing_else(indent: int | None) -> None:
    """However the body was laid out on its way."""
    text = verified(json.dumps(DOCUMENT, indent=indent), headers(DOCUMENT, at=NOW))
    assert list(json.loads(text)) == ["id", "eventType", "timestamp", "data", "version"]


def test_the_body_is_printed_again_as_the_sender_did() -> None:
    """Order, numbers, escapes and a member that is missing."""
    assert verified(BODY, signed(PRINTED.encode())) == PRINTED


def test_a_body_that_is_the_signed_text_is_taken_as_it_is() -> None:
    """Though JavaScript would have printed 1.0 as 1."""
    text = '{"id":"e","data":{"x":1.0}}'
    assert verified(text, signed(text.encode())) == text


@pytest.mark.parametrize("seconds", [-299.0, 299.0])
def test_clocks_may_differ_by_five_minutes(seconds: float) -> None:
    """Either way."""
    assert verified(compact(DOCUMENT), headers(DOCUMENT, at=NOW + seconds))


@pytest.mark.parametrize("seconds", [-301.0, 301.0])
def test_and_by_no_more(seconds: float) -> None:
    """Though it is signed."""
    with pytest.raises(AuthenticationFailed, match="five minutes"):
        verified(compact(DOCUMENT), headers(DOCUMENT, at=NOW + seconds))


@pytest.mark.parametrize(
    ("header", "value", "message"),
    [
        ("X-Webhook-Signature", "", "64 hexadecimal"),
        ("X-Webhook-Signature", "sha256=" + "0" * 64, "64 hexadecimal"),
        ("X-Webhook-Signature", "0" * 64, "does not fit"),
        ("X-Webhook-Timestamp", "", "milliseconds"),
        ("X-Webhook-Timestamp", "01764000000250", "milliseconds"),
        ("X-Webhook-Timestamp", "1764000000.25", "milliseconds"),
        ("X-Webhook-Timestamp", "1764000000251", "does not fit"),
    ],
)
def test_bad_headers_are_refused(header: str, value: str, message: str) -> None:
    """With what is wrong, and nothing of the secret."""
    with pytest.raises(AuthenticationFailed, match=message) as caught:
        verified(compact(DOCUMENT), {**headers(DOCUMENT, at=NOW), header: value})
    assert caught.value.code == "invalid_signature"


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"{", b"[" * 100_000, b'{"id":1}'])
def test_a_body_that_was_not_signed_is_refused(body: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(AuthenticationFailed, match="does not fit"):
        verified(body, headers(DOCUMENT, at=NOW))


def test_signed_bytes_that_are_no_text_are_refused() -> None:
    """There is nothing to read in them."""
    with pytest.raises(AuthenticationFailed, match="does not fit"):
        verified(b"\xff", signed(b"\xff"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    """What still verifies says the same as what was signed."""
    body = bytearray(compact(DOCUMENT).encode())
    body[place % len(body)] ^= by
    original: Any = json.loads(verified(compact(DOCUMENT), headers(DOCUMENT, at=NOW)))
    try:
        text = verified(bytes(body), headers(DOCUMENT, at=NOW))
    except AuthenticationFailed:
        return
    assert json.loads(text) == original
