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

from llm_gateway.domain.rendezvous_front import EXPECTED, Front

_WORD = 8
_LANE = 16
# A lane's upper hash bits become a double 1.xxx1: 51 of them, the last bit always set, so that
# u = double − 1 is exact and never 0.
_HASH_BITS = (((1 << 51) - 1) << 1).to_bytes(_LANE, "little")
_ONE_AND_LAST_BIT = ((1023 << 52) | 1).to_bytes(_LANE, "little")
# Any libm's log is right to far better than this, so only closer costs need exact arithmetic.
_NEAR = 1e-9
_EXACT = Context(prec=50)
# From so many targets on, a front costs less than the logarithms it saves.
_MANY = 2 * EXPECTED
_READ_DOUBLE = Struct("<d").unpack_from


def lane(target_id: str) -> bytes:
    """A target's 16 bytes: 64 bits of hash (odd, so that no key is lost), 64 bits of room."""
    word = bytearray(blake2b(target_id.encode("utf-8", "surrogatepass"), digest_size=_WORD).digest())
    word[0] |= 1
    return bytes(word) + bytes(_LANE - _WORD)


class Rendezvous:
    """Ranks a fixed set of targets for any key. Weights are integers > 0."""

    __slots__ = (
        "_divisors",
        "_fixed_bits",
        "_front",
        "_hash_bits",
        "_lanes",
        "_packed",
        "_ranked",
        "_unpack",
        "_weights_differ",
    )

    def __init__(self, lanes: Sequence[bytes], weights: Sequence[int]) -> None:
        self._lanes = tuple(lanes)
        self._divisors = tuple(-float(weight) for weight in weights)
        self._weights_differ = len(set(weights)) > 1
        self._packed = int.from_bytes(b"".join(lanes), "little")
        self._hash_bits = int.from_bytes(_HASH_BITS * len(lanes), "little")
        self._fixed_bits = int.from_bytes(_ONE_AND_LAST_BIT * len(lanes), "little")
        self._unpack = Struct("<" + "d8x" * len(lanes))
        self._front: Front | None = None
        self._ranked = False

    def rank(self, key: str, count: int) -> list[int]:
        """Positions of the `count` targets with the lowest cost, best first.

        Equal on every platform: costs so close that another `log` could order them differently are
        compared with exact arithmetic, and equal ones by their hash.
        """
        hashes = self._hashes(key)
        doubles = (hashes | self._fixed_bits).to_bytes(self._unpack.size, "little")
        if self._front is not None and count < EXPECTED:
            front = self._rank_front(self._front, hashes, doubles, count)
            if front is not None:
                return front
        elif self._ranked and self._front is None and len(self._lanes) >= _MANY:
            # Not before the second ranking: what is left after an exclusion is ranked only once.
            self._front = Front([-divisor for divisor in self._divisors])
        self._ranked = True
        return self._rank_all(self._unpack.unpack(doubles), count)

    def _hashes(self, key: str) -> int:
        """For every lane the 51 upper bits of its hash, as bits 1 to 51."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_WORD).digest()
        product = self._packed * (int.from_bytes(digest, "little") | 1)
        return ((product ^ (product >> 64)) >> 12) & self._hash_bits

    def _rank_front(self, front: Front, hashes: int, doubles: bytes, count: int) -> list[int] | None:
        """As `_rank_all`, but from the front alone; None when that cannot settle it.

        Whoever is not in the front costs more than its cutoff, so the first count + 1 are settled when
        their costs are below it and clearly apart.
        """
        divisors = self._divisors
        costs = sorted(
            [
                (log(_READ_DOUBLE(doubles, place * _LANE)[0] - 1.0) / divisors[place], place)
                for place in front.places(hashes)
            ]
        )
        head = costs[: count + 1]
        if len(head) <= count or head[count][0] >= front.cutoff * (1.0 - _NEAR):
            return None
        if any(later[0] - earlier[0] <= _NEAR * later[0] for earlier, later in pairwise(head)):
            return None
        return [place for _, place in head[:count]]

    def _rank_all(self, doubles: Sequence[float], count: int) -> list[int]:
        """`doubles` are 1 + u, one for each target."""
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

    def _rank_exactly(self, doubles: Sequence[float], count: int) -> list[int]:
        def cost(place: int) -> tuple[Decimal, bytes]:
            # decimal's ln is correctly rounded, unlike any libm's.
            logarithm = _EXACT.ln(Decimal(doubles[place] - 1.0))
            return _EXACT.divide(logarithm, Decimal(self._divisors[place])), self._lanes[place]

        return sorted(range(len(doubles)), key=cost)[:count]
