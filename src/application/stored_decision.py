"""StoredDecision: what a stored record says, read back for replay, explanation and backtest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.replay import ReplayInputs
from llm_gateway.domain.target import Target

_SNAPSHOT = "snapshot:"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """`selected` is None for a rejection; `rejection` is then its `<code>: <message>`."""

    decision_id: str
    snapshot_hash: str
    inputs: ReplayInputs
    selected: Target | None
    rejection: str | None

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> StoredDecision:
        """Raises InvalidRequest for what is not the record of a decision."""
        try:
            outputs = record["outputs"]
            provider, model = outputs["selected_provider"], outputs["selected_model"]
            return cls(
                decision_id=record["execution_ref"],
                snapshot_hash=_snapshot_hash(record["evidence_refs"]),
                inputs=ReplayInputs.from_document(record["replay"]),
                selected=None if provider is None else Target(provider, model),
                rejection=outputs["rejection_reason"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise InvalidRequest(f"not the record of a decision: {type(exc).__name__}: {exc}") from exc

    @property
    def route(self) -> str:
        """`provider/model`, or `reject:<code>`."""
        if self.selected is None:
            return f"reject:{(self.rejection or '').partition(':')[0]}"
        return self.selected.id


def _snapshot_hash(evidence_refs: list[str]) -> str:
    for reference in evidence_refs:
        if reference.startswith(_SNAPSHOT):
            return reference.removeprefix(_SNAPSHOT)
    raise ValueError("evidence_refs names no snapshot")
