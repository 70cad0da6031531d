"""ComplianceLog that tells nobody: the default."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.domain.compliance_action import ComplianceAction


class NullComplianceLog(ComplianceLog):
    @override
    def record(self, action: ComplianceAction) -> None:
        pass
