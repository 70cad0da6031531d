"""The platform's fan-out envelope around a compliance action (contracts.md §7b)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from llm_gateway.adapters.peer_text import peer_text
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.decision_event import timestamp

SOURCE: Final = "llm-inference-gateway"
EVENT_TYPE: Final = "audit.signal"

_encode = msgspec.json.Encoder().encode


def envelope(action: ComplianceAction) -> bytes:
    """JSON of an action that a log has completed (`at`, `execution_id`). Texts are bounded: some are a
    client's word, such as the name of a model that it asked for."""
    moment = timestamp(action.at or 0.0)
    payload: dict[str, Any] = {
        "timestamp": moment,
        "action": action.action,
        "principal": peer_text(action.principal),
        "resource": peer_text(action.resource),
        "outcome": action.outcome,
    }
    if action.metadata:
        payload["metadata"] = {
            name: peer_text(value) if isinstance(value, str) else value
            for name, value in action.metadata.items()
        }
    return _encode(
        {
            "source": SOURCE,
            "event_type": EVENT_TYPE,
            "execution_id": action.execution_id,
            "timestamp": moment,
            "payload": payload,
        }
    )
