"""Weighted rendezvous hashing: the same key goes to the same target, without any shared state.

Every target has, for every key, a cost that depends on nothing but the key, the target's id and its
weight: −ln(u)/w with u uniform in (0, 1), the reciprocal of the usual score −w/ln(u) (Schindelhauer &
Schomaker, "Weighted Distributed Hash Tables", 2005). The lowest cost wins, so a target that leaves
remaps only its own share and weights are met exactly in expectation.

u is made from BLAKE2b of the key and BLAKE2b of the id, 64 bits each, joined by one 64 × 64 bit
multiplication whose halves are XORed (the mixing step of wyhash). All targets are multiplied at once as
lanes of one big integer: hashing key and id together per target costs ten times as much.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from decimal import Context, Decimal
from hashlib import blake2b
from itertools import pairwise
from math import log

_WORD = 8
_LANE = 16
# A lane's low word becomes a double 1.xxx1: 51 bits of the hash, the last bit always set, so that
# u = double − 1 is exact and never 0.
_HASH_BITS = (((1 << 51) - 1) << 1).to_bytes(_LANE, "little")
_ONE_AND_LAST_BIT = ((1023 << 52) | 1).to_bytes(_LANE, "little")
# Any libm is right to far better than this, so only closer costs need exact arithmetic.
_NEAR = 1e-9
_EXACT = Context(prec=50)


def lane(target_id: str) -> bytes:
    """A target's 16 bytes for `rank`: 64 bits of hash (odd, so no key is lost), 64 bits of room."""
    word = bytearray(blake2b(target_id.encode(), digest_size=_WORD).digest())
    word[0] |= 1
    return bytes(word) + bytes(_LANE - _WORD)


def rank(key: str, lanes: Sequence[bytes], weights: Sequence[int], count: int) -> list[int]:
    """Positions of the `count` targets with the lowest cost, best first; weights are > 0.

    Equal on every platform: costs that a different `log` could reorder are compared exactly, and equal
    ones by their hash lane.
    """
    doubles = _uniforms(key, lanes)
    costs = [log(double - 1.0) / -weight for double, weight in zip(doubles, weights, strict=True)]
    ordered = sorted(costs)
    head = ordered[: count + 1]
    if any(b - a <= _NEAR * b for a, b in pairwise(head)):
        exact = [(_exact_cost(d, w), lane) for d, w, lane in zip(doubles, weights, lanes, strict=True)]
        return sorted(range(len(lanes)), key=exact.__getitem__)[:count]
    return [costs.index(cost) for cost in head[:count]]


def _uniforms(key: str, lanes: Sequence[bytes]) -> tuple[float, ...]:
    """1 + u for every lane."""
    size = len(lanes) * _LANE
    multiplier = int.from_bytes(blake2b(key.encode(), digest_size=_WORD).digest(), "little") | 1
    product = int.from_bytes(b"".join(lanes), "little") * multiplier
    folded = product ^ (product >> 64)
    masked = (folded >> 12) & int.from_bytes(_HASH_BITS * len(lanes), "little")
    doubles = masked | int.from_bytes(_ONE_AND_LAST_BIT * len(lanes), "little")
    return struct.unpack("<" + "d8x" * len(lanes), doubles.to_bytes(size, "little"))


def _exact_cost(double: float, weight: int) -> Decimal:
    # decimal's ln is correctly rounded, unlike any libm's.
    return _EXACT.divide(-_EXACT.ln(Decimal(double - 1.0)), Decimal(weight))
