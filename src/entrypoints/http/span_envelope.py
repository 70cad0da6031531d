"""The platform's span envelope: what a caller that sends `X-Parent-Span-Id` gets its answer in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.domain.decision_event import AGENT_ID, timestamp

PARENT_HEADER = b"x-parent-span-id"
EXECUTION_HEADER = b"x-execution-id"
REPO = "llm-inference-gateway"

_UUID = re.compile(rb"[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}").fullmatch
_EXECUTION_ID = re.compile(rb"[!-~]{1,128}").fullmatch
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEnvelope:
    """One request's envelope, opened when the request arrived; `started_at` is Unix seconds."""

    execution_id: str
    parent_span_id: str
    repo_span_id: str
    agent_span_id: str
    started_at: float
    clock: Clock

    @classmethod
    def asked_for(
        cls, parent: bytes | None, execution: bytes | None, clock: Clock, identifiers: Identifiers
    ) -> SpanEnvelope | None:
        """None unless `parent` is a UUID. An `execution` that is none of our making is kept."""
        if parent is None or not _UUID(parent):
            return None
        kept = execution is not None and _EXECUTION_ID(execution) is not None
        return cls(
            execution_id=execution.decode("ascii") if kept and execution else identifiers.uuid7(),
            parent_span_id=parent.decode("ascii"),
            repo_span_id=identifiers.uuid7(),
            agent_span_id=identifiers.uuid7(),
            started_at=clock.now(),
            clock=clock,
        )

    def around(self, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        """`body` is the plain JSON answer, which goes inside as it is; `headers` are lower-case."""
        success = status < 400
        ended = timestamp(self.clock.now())
        times: dict[str, Any] = {
            "status": "succeeded" if success else "failed",
            "start_time": timestamp(self.started_at),
            "end_time": ended,
        }
        if not success:
            times["failure_reason"] = _reason(status, body)
        return _encode(
            {
                "execution_id": self.execution_id,
                "repo_span": {
                    "span_id": self.repo_span_id,
                    "parent_span_id": self.parent_span_id,
                    "span_type": "repo",
                    "name": REPO,
                    **times,
                },
                "agent_spans": [
                    {
                        "span_id": self.agent_span_id,
                        "parent_span_id": self.repo_span_id,
                        "span_type": "agent",
                        "name": AGENT_ID,
                        **times,
                        "artifacts": _artifacts(headers, ended),
                    }
                ],
                "result": msgspec.Raw(body or b"null"),
                "success": success,
            }
        )


def _artifacts(headers: Mapping[str, str], now: str) -> list[dict[str, Any]]:
    """The routing decision behind the answer, when there was one."""
    decision_id = headers.get("x-decision-id")
    if decision_id is None:
        return []
    data = {
        "provider": headers.get("x-gateway-provider"),
        "model": headers.get("x-gateway-model"),
        "attempts": headers.get("x-gateway-attempts"),
    }
    return [
        {
            "artifact_type": "routing_decision",
            "reference": decision_id,
            "data": {name: value for name, value in data.items() if value is not None},
            "timestamp": now,
        }
    ]


def _reason(status: int, body: bytes) -> str:
    try:
        return str(_decode(body)["error"]["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"HTTP {status}"
