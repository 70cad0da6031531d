"""SamplingRule: of which requests spans are wanted.

Source: OpenTelemetry specification, "Sampling": `TraceIdRatioBased` and `ParentBased`.
"""

from __future__ import annotations

from llm_gateway.domain.trace_context import RemoteParent

_IDS = 1 << 64


class SamplingRule:
    """A trace that begins here is sampled when the low 64 bits of its id are below `ratio` (0 to 1) of their
    range. A caller's own decision is followed unless `follows_parent` is False: then the ratio decides."""

    __slots__ = ("_bound", "follows_parent", "ratio")

    def __init__(self, ratio: float, *, follows_parent: bool = True) -> None:
        self.ratio = ratio
        self.follows_parent = follows_parent
        self._bound = round(ratio * _IDS)

    def root(self, low_bits: int) -> bool:
        return low_bits < self._bound

    def child(self, parent: RemoteParent) -> bool:
        if self.follows_parent:
            return parent.sampled
        return int(parent.trace_id[16:], 16) < self._bound
