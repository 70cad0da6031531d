"""Weighted rendezvous hashing: the same key goes to the same target, without any shared state.

Every target has, for every key, a cost that depends on nothing but the key, the target's id and its
weight: −ln(u)/w with u uniform in (0, 1), the reciprocal of the usual score −w/ln(u) (Schindelhauer &
Schomaker, "Weighted Distributed Hash Tables", 2005). The lowest cost wins, so a target that leaves
remaps only its own share, and in expectation every weight is met exactly.

u is made from BLAKE2b of the key and BLAKE2b of the id, 64 bits each, joined by one 64 × 64 bit
multiplication whose halves are XORed (the mixing step of wyhash). All targets are multiplied at once as
lanes of one big integer: a BLAKE2b of key and id together per target would cost several times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from hashlib import blake2b
from itertools import pairwise
from math import log
from struct import Struct

_WORD = 8
_LANE = 16
# A lane's upper hash bits become a double 1.xxx1: 51 of them, the last bit always set, so that
# u = double − 1 is exact and never 0.
_HASH_BITS = (((1 << 51) - 1) << 1).to_bytes(_LANE, "little")
_ONE_AND_LAST_BIT = ((1023 << 52) | 1).to_bytes(_LANE, "little")
# Any libm's log is right to far better than this, so only closer costs need exact arithmetic.
_NEAR = 1e-9
_EXACT = Context(prec=50)


def lane(target_id: str) -> bytes:
    """A target's 16 bytes: 64 bits of hash (odd, so that no key is lost), 64 bits of room."""
    word = bytearray(blake2b(target_id.encode("utf-8", "surrogatepass"), digest_size=_WORD).digest())
    word[0] |= 1
    return bytes(word) + bytes(_LANE - _WORD)


class Rendezvous:
    """Ranks a fixed set of targets for any key. Weights are integers > 0."""

    __slots__ = ("_divisors", "_fixed_bits", "_hash_bits", "_lanes", "_packed", "_unpack", "_weights_differ")

    def __init__(self, lanes: Sequence[bytes], weights: Sequence[int]) -> None:
        self._lanes = tuple(lanes)
        self._divisors = tuple(-float(weight) for weight in weights)
        self._weights_differ = len(set(weights)) > 1
        self._packed = int.from_bytes(b"".join(lanes), "little")
        self._hash_bits = int.from_bytes(_HASH_BITS * len(lanes), "little")
        self._fixed_bits = int.from_bytes(_ONE_AND_LAST_BIT * len(lanes), "little")
        self._unpack = Struct("<" + "d8x" * len(lanes))

    def rank(self, key: str, count: int) -> list[int]:
        """Positions of the `count` targets with the lowest cost, best first.

        Equal on every platform: costs so close that another `log` could order them differently are
        compared with exact arithmetic, and equal ones by their hash.
        """
        doubles = self._doubles(key)
        if self._weights_differ:
            values: Sequence[float] = [
                log(double - 1.0) / divisor for double, divisor in zip(doubles, self._divisors, strict=True)
            ]
            head = sorted(values)[: count + 1]
            unclear = any(later - earlier <= _NEAR * later for earlier, later in pairwise(head))
        else:
            # Then the order of u is the order of cost, without a logarithm.
            values = doubles
            head = sorted(values, reverse=True)[: count + 1]
            unclear = any(earlier == later for earlier, later in pairwise(head))
        if unclear:
            return self._rank_exactly(doubles, count)
        return [values.index(value) for value in head[:count]]

    def _doubles(self, key: str) -> tuple[float, ...]:
        """1 + u for every lane."""
        multiplier = (
            int.from_bytes(
                blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_WORD).digest(), "little"
            )
            | 1
        )
        product = self._packed * multiplier
        folded = product ^ (product >> 64)
        doubles = (folded >> 12) & self._hash_bits | self._fixed_bits
        return self._unpack.unpack(doubles.to_bytes(self._unpack.size, "little"))

    def _rank_exactly(self, doubles: Sequence[float], count: int) -> list[int]:
        def cost(place: int) -> tuple[Decimal, bytes]:
            # decimal's ln is correctly rounded, unlike any libm's.
            logarithm = _EXACT.ln(Decimal(doubles[place] - 1.0))
            return _EXACT.divide(logarithm, Decimal(self._divisors[place])), self._lanes[place]

        return sorted(range(len(doubles)), key=cost)[:count]
