"""Front: the few of many targets that can be at the front of a rendezvous ranking, without a logarithm.

u must reach exp(−w·cutoff) for a cost −ln(u)/w of at most `cutoff`. One addition to the big integer that
holds all hashes carries in the lanes of those that reach it; the other targets cost more for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from math import exp

# So many targets are expected below the cutoff, whatever the key: enough for the four of a routing plan
# in more than 99 of 100 keys.
EXPECTED = 12
_MANTISSA = 52
_LANE = 16


class Front:
    """`cutoff` is in units of cost. How well it was chosen decides about speed, never about the ranking."""

    __slots__ = ("_places", "_room", "_size", "cutoff")

    def __init__(self, weights: Sequence[float]) -> None:
        """Needs more than `EXPECTED` weights."""
        self.cutoff = _cutoff(weights)
        self._room = int.from_bytes(
            b"".join(((1 << _MANTISSA) - least).to_bytes(_LANE, "little") for least in self._least(weights)),
            "little",
        )
        self._places = range(len(weights))
        self._size = _LANE * len(weights)

    def places(self, hashes: int) -> Iterator[int]:
        """The targets that may cost up to `cutoff`; `hashes` has 52 bits of u in each lane of 128."""
        carried = ((hashes + self._room) >> _MANTISSA).to_bytes(self._size, "little")
        return compress(self._places, carried[::_LANE])

    def _least(self, weights: Sequence[float]) -> Iterator[int]:
        """The 52 bits that u needs. 1e-12 is far more than `exp` and the rounding can be wrong by."""
        for weight in weights:
            yield int(exp(-weight * self.cutoff) * (1.0 - 1e-12) * (1 << _MANTISSA))


def _cutoff(weights: Sequence[float]) -> float:
    """A cost that about `EXPECTED` targets stay below.

    Costs are exponentially distributed with the weight as rate, so the expected number is
    Σ(1 − exp(−w·cutoff)). That is concave: Newton's method from the left never passes the root, and the
    slope never vanishes.
    """
    cutoff = EXPECTED / sum(weights)
    for _ in range(4):
        above = [exp(-weight * cutoff) for weight in weights]
        slope = sum(weight * part for weight, part in zip(weights, above, strict=True))
        cutoff += (EXPECTED - len(weights) + sum(above)) / slope
    return cutoff
