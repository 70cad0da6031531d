"""Port ComplianceLog: where actions that matter to an auditor are told."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.compliance_action import ComplianceAction


class ComplianceLog(Protocol):
    """Called on the event loop, now and then on the request path: bookkeeping, never I/O, never raises."""

    def record(self, action: ComplianceAction) -> None: ...
