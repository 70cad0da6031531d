"""The affinity key: a digest of whatever keeps a conversation on one target, never the value itself."""

from __future__ import annotations

from hashlib import blake2b


def affinity_digest(source: str, value: bytes) -> str:
    """32 hexadecimal digits; `source` is the entry of the affinity list that `value` was found under.

    The same value under another source gives another key: BLAKE2b's `person` keeps them apart.
    """
    return blake2b(value, digest_size=16, person=source.encode()[:16]).hexdigest()
