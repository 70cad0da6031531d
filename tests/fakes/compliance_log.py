"""FakeComplianceLog: remembers what was recorded."""

from __future__ import annotations

from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.domain.compliance_action import ComplianceAction


class FakeComplianceLog(ComplianceLog):
    def __init__(self) -> None:
        self.actions: list[ComplianceAction] = []

    def record(self, action: ComplianceAction) -> None:
        self.actions.append(action)
