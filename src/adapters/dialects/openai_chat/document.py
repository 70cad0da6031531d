"""JSON of a chunk or answer that bends the format, read as leniently as Python can and written as JSON."""

from __future__ import annotations

import json
from typing import Any, cast

from llm_gateway.domain.errors import UpstreamMalformed

# Half a surrogate pair, NaN and Infinity are what strict decoders refuse and some servers write.
_decoder = json.JSONDecoder(parse_constant=lambda _: None)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_ascii_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def read_document(data: bytes) -> Any:
    """Raises UpstreamMalformed."""
    try:
        return _decoder.decode(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise UpstreamMalformed("the upstream sent something that is not JSON") from exc


def write_document(document: Any) -> bytes:
    """Raises UpstreamMalformed for a number that JSON does not know."""
    try:
        try:
            return _encoder.encode(document).encode()
        except UnicodeEncodeError:
            return _ascii_encoder.encode(document).encode()
    except (ValueError, RecursionError) as exc:
        raise UpstreamMalformed("the upstream sent a number out of range") from exc


def members(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """`value` if it is a text that is not empty."""
    return value if isinstance(value, str) and value else None


def whole(value: Any) -> int | None:
    """`value` as an integer, None when it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value and abs(value) < 2**63 else None
