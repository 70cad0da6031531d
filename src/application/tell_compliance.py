"""TellCompliance: which reloads, changes of health and finished requests an auditor is told of."""

from __future__ import annotations

from typing import Final

from llm_gateway.application.accept_rule_update import PRINCIPAL as OPTIMIZER
from llm_gateway.application.compliance_feed import GATEWAY
from llm_gateway.application.live_configuration import ReloadResult
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.health_change import HealthChange
from llm_gateway.domain.usage_record import UsageRecord

_OPERATOR: Final = "operator"
_FOLLOWING: Final = "overlay.json changed"


class TellCompliance:
    def __init__(self, log: ComplianceLog) -> None:
        self._log = log

    def reloaded(self, result: ReloadResult) -> None:
        """What has come into force, and what was refused; a reload without a change is no action."""
        if result.status == "unchanged":
            return
        metadata = {"trigger": result.trigger, "snapshot_hash": result.snapshot_hash}
        if result.version is not None:
            metadata["version"] = result.version
        if result.message is not None:
            metadata["reason"] = result.message
        self._log.record(
            ComplianceAction(
                action="config.change",
                principal=_changed_by(result.trigger),
                resource="gateway.configuration",
                outcome="success" if result.status == "accepted" else "failure",
                metadata=metadata,
            )
        )

    def health_changed(self, change: HealthChange) -> None:
        """A provider that is full is busy, not ill: no matter of an auditor's."""
        if change.kind == "bulkhead":
            return
        breaker = change.kind == "breaker"
        self._log.record(
            ComplianceAction(
                action="circuit_breaker.change" if breaker else "provider.health_change",
                principal=GATEWAY,
                resource=change.subject,
                outcome=change.after,
                metadata={"before": change.before, "after": change.after},
            )
        )

    def finished(self, record: UsageRecord) -> None:
        """Called for every request."""
        if record.error_code != "policy_denied":
            return
        self._log.record(
            ComplianceAction(
                action="policy.denied",
                principal=record.tenant or "anonymous",
                resource=record.requested_model,
                outcome="denied",
                metadata={"request_id": record.request_id, "snapshot_hash": record.snapshot_hash},
                execution_id=record.decision_id,
            )
        )


def _changed_by(trigger: str) -> str:
    """`optimizer <event>` is the optimizer's, a changed file or a signal an operator's. What is left is the
    gateway's own, such as following another worker (`overlay.json changed`)."""
    if trigger.startswith("optimizer "):
        return OPTIMIZER
    by_hand = trigger == "SIGHUP" or (trigger.endswith(" changed") and trigger != _FOLLOWING)
    return _OPERATOR if by_hand else GATEWAY
