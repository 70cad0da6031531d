"""The parts of a run, in the order in which `all` takes them."""

from __future__ import annotations

from collections.abc import Mapping

from bench.cost import cost, peers
from bench.features import features
from bench.growth import bodies, growth, streams
from bench.latency import latency, startup
from bench.mechanisms import mechanisms
from bench.memory import memory
from bench.outage import outage
from bench.stalls import stalls
from bench.table import Part
from bench.workers import workers

_PARTS: tuple[Part, ...] = (
    *(cost, peers, latency, startup, stalls, growth, streams, bodies),
    *(features, outage, workers, mechanisms, memory),
)
PARTS: Mapping[str, Part] = {part.__name__: part for part in _PARTS}
STANDARD = ("cost", "latency", "startup")
# Without what `peers` measures as well, and without the part that takes its minutes.
ALL = tuple(name for name in PARTS if name not in ("cost", "memory"))
