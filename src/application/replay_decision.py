"""ReplayDecision: decides a stored decision again and shows every byte that comes out differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive
from llm_gateway.application.stored_decision import StoredDecision
from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.constraint_document import constraint_document
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_outputs import DecisionOutputs, confidence_document
from llm_gateway.domain.difference import Difference, differences
from llm_gateway.domain.errors import NotFound
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.hash_chain import record_hash
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot

_BUILT_SNAPSHOTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """`decision` is the recomputed one, made on `snapshot`."""

    decision_id: str
    snapshot: RoutingSnapshot
    decision: Decision
    differences: tuple[Difference, ...]

    @property
    def exact(self) -> bool:
        """The record is unaltered and the decision came out byte for byte the same."""
        return not self.differences


class ReplayDecision:
    """Called by `llm-gateway replay` and by ExplainDecision."""

    def __init__(self, archive: SnapshotArchive) -> None:
        self._archive = archive
        self._router = Router()
        self._built: dict[str, RoutingSnapshot] = {}

    def __call__(self, record: Mapping[str, Any], *, snapshot: RoutingSnapshot | None = None) -> ReplayReport:
        """Without `snapshot`, the archived one that the record names is used.

        Raises InvalidRequest for what is not a record, NotFound when its snapshot is not archived.
        """
        stored = StoredDecision.read(record)
        if snapshot is None:
            snapshot = self._archived(stored.snapshot_hash)
        inputs = stored.inputs
        decision = self._router.decide(inputs.facts, snapshot, inputs.health, after=inputs.after)
        found = [
            *_alterations(record, stored, snapshot),
            *_changes(record, decision),
        ]
        return ReplayReport(
            decision_id=stored.decision_id,
            snapshot=snapshot,
            decision=decision,
            differences=tuple(found),
        )

    def _archived(self, snapshot_hash: str) -> RoutingSnapshot:
        """Building one takes milliseconds and records come in runs of the same, so the last ones stay."""
        snapshot = self._built.get(snapshot_hash)
        if snapshot is None:
            document = self._archive.load(snapshot_hash)
            if document is None:
                raise NotFound(f"snapshot {snapshot_hash} is not archived here")
            snapshot = self._built[snapshot_hash] = RoutingSnapshot.from_document(document)
            if len(self._built) > _BUILT_SNAPSHOTS:
                del self._built[next(iter(self._built))]
        return snapshot


def _alterations(
    record: Mapping[str, Any], stored: StoredDecision, snapshot: RoutingSnapshot
) -> Iterator[Difference]:
    """Signs that the record, its facts or the snapshot are not what they were, whatever they lead to."""
    if "hash" in record:
        yield from differences("hash", record["hash"], _recomputed_hash(record))
    yield from differences("snapshot", stored.snapshot_hash, snapshot.hash)
    inputs = inputs_hash(facts_text(stored.inputs.facts))
    yield from differences("inputs_hash", record.get("inputs_hash"), inputs)


def _recomputed_hash(record: Mapping[str, Any]) -> str | None:
    try:
        return record_hash(record)
    except (KeyError, TypeError, ValueError):
        return None


def _changes(record: Mapping[str, Any], decision: Decision) -> Iterator[Difference]:
    recomputed = {
        "decision_type": decision.decision_type,
        "outputs": DecisionOutputs.of(decision).document(),
        "confidence": confidence_document(decision.confidence),
        "constraints_applied": [constraint_document(item) for item in decision.constraints],
    }
    for name, value in recomputed.items():
        stored = record.get(name)
        if canonical(stored) != canonical(value):
            yield from differences(name, stored, value)
