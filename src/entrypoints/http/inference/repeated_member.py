"""Whether a member of a JSON object is written twice.

Readers differ in which one they take, so the upstream might see another model than the one that was routed,
and whoever looked at the request before the gateway yet another.
"""

from __future__ import annotations

import json
from collections import Counter

import msgspec

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_SHOWN = 64


def repeated_member(body: bytes) -> str | None:
    """The name, cut to 64 characters, of a member that the object `body` holds more than once.

    `body` must be a JSON object. Only its own members are looked at, not those of objects inside. May raise
    RecursionError. 1 to 2 µs for most requests: nothing is looked at but lengths.
    """
    if _is_accounted_for(body):
        return None
    counted = json.loads(body, object_pairs_hook=_names, parse_int=_nothing, parse_float=_nothing)
    name, times = max(counted.items(), key=lambda pair: pair[1], default=("", 0))
    return name[:_SHOWN] if times > 1 else None


def _is_accounted_for(body: bytes) -> bool:
    """Whether the whole is as long as the members that a reader keeps, and white space: then none was lost.

    Where a name is escaped or not ASCII this says no, although nothing may be wrong.
    """
    members = _decode(body)
    values, names = b"".join(members.values()), "".join(members)
    # Each member has two quotes, a colon and, but for the last, a comma; around them are two braces.
    rest = len(body) - len(values) - len(names) - 4 * len(members) - 1
    if rest == 0:
        return True  # JSON.stringify, httpx
    if rest == 2 * len(members) - 1 and _with_blanks(members) == body:
        return True  # Python's json.dumps
    return rest == _white(body) - _white(values) - names.count(" ")


def _with_blanks(members: dict[str, msgspec.Raw]) -> bytes:
    return b"{%b}" % b", ".join([b'"%b": %b' % (name.encode(), value) for name, value in members.items()])


def _white(text: bytes) -> int:
    return len(text) - len(text.translate(None, b" \t\r\n"))


def _names(pairs: list[tuple[str, object]]) -> Counter[str]:
    return Counter(name for name, _ in pairs)


def _nothing(_number: str) -> None:
    """Numbers are not looked at, and may be too long for Python to convert."""
