"""Thought signatures: where the hub carries Google's `thoughtSignature`, there and back.

Two published places, both filled, either read:
* `reasoning_details[]` in OpenRouter's shape: `reasoning.encrypted` with `data`, `format`, and the `id` of
  the tool call that it signs (null: the text), or `signature` on a `reasoning.text`.
* `extra_content.google.thought_signature` on a tool call, as in Google's own OpenAI-compatible endpoint.
A signature of another format (another provider's) is never sent to Google.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = "google-gemini-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """`thoughts` are (text, signature or None), `texts` sign visible text, `calls` map a tool call's id."""

    thoughts: tuple[tuple[str, str | None], ...] = ()
    texts: tuple[str, ...] = ()
    calls: Mapping[str, str] = field(default_factory=dict)


def signed(item: dict[str, Any], signature: str | None) -> dict[str, Any]:
    """`item` with the signature in its `extra_content`."""
    if signature:
        item["extra_content"] = {"google": {"thought_signature": signature}}
    return item


def google_extra(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """`extra_content.google`, empty when absent."""
    extra = item.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return google if isinstance(google, dict) else {}


def signature_on(item: Mapping[str, Any]) -> str | None:
    signature = google_extra(item).get("thought_signature")
    return signature if isinstance(signature, str) and signature else None


def read_signatures(message: Mapping[str, Any]) -> Signatures:
    """What a client brought back in an assistant message. Anything unreadable is passed over."""
    thoughts: dict[Any, tuple[str, str | None]] = {}
    texts: list[str] = []
    calls: dict[str, str] = {}
    details = message.get("reasoning_details")
    for position, detail in enumerate(details if isinstance(details, list) else ()):
        if not isinstance(detail, dict) or detail.get("format") != FORMAT:
            continue
        if detail.get("type") == "reasoning.text":
            # Clients that collect a stream may keep its fragments apart: one index is one thought.
            key = detail.get("index", f"#{position}")
            text, signature = thoughts.get(key, ("", None))
            thoughts[key] = (
                text + (_string(detail.get("text")) or ""),
                _string(detail.get("signature")) or signature,
            )
        elif detail.get("type") == "reasoning.encrypted" and (data := _string(detail.get("data"))):
            call = _string(detail.get("id"))
            if call is None:
                texts.append(data)
            else:
                calls[call] = data
    if (own := signature_on(message)) and own not in texts:
        texts.append(own)
    return Signatures(thoughts=tuple(thoughts.values()), texts=tuple(texts), calls=calls)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
