"""The hash chain of stored records: each names the hash of the one before it.

hash = SHA-256(prev_hash as 64 ASCII digits + canonical JSON of the record without its `hash`)
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from llm_gateway.domain.canonical_json import canonical

GENESIS = "0" * 64


def link(prev_hash: str, body: bytes) -> str:
    """The hash of a record: 64 hexadecimal digits. `body` is its canonical JSON without `hash`."""
    return sha256(prev_hash.encode("ascii") + body).hexdigest()


def record_hash(record: Mapping[str, Any]) -> str:
    """What `hash` of a stored record, read back from JSON, has to be.

    Raises KeyError without `prev_hash`, ValueError for a value that canonical JSON cannot hold.
    """
    body = {name: value for name, value in record.items() if name != "hash"}
    return link(record["prev_hash"], canonical(body))
