"""Words of clients as peers are told them."""

from __future__ import annotations

MOST_CHARACTERS = 256


def peer_text(words: str) -> str:
    """Bounded, and without lone surrogates, which have no UTF-8."""
    return words[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
