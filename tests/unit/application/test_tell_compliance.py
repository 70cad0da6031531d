"""What an auditor is told of, and what is nobody's matter."""

from __future__ import annotations

import pytest

from llm_gateway.application.live_configuration import ReloadResult
from llm_gateway.application.tell_compliance import TellCompliance
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.health_change import HealthChange
from tests.fakes.compliance_log import FakeComplianceLog
from tests.samples.usage_records import RECORD, usage_record


def result(trigger: str = "SIGHUP", **more: object) -> ReloadResult:
    return ReloadResult(
        **{"status": "accepted", "trigger": trigger, "at": 1.0, "snapshot_hash": "ab", **more}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trigger", "principal"),
    [
        ("optimizer e1", "llm-auto-optimizer"),
        ("SIGHUP", "operator"),
        ("gateway.yaml changed", "operator"),
        ("gateway.yaml, overlay.json changed", "operator"),
        ("overlay.json changed", "llm-inference-gateway"),
        ("model metadata", "llm-inference-gateway"),
    ],
)
def test_a_change_is_told_with_who_made_it(trigger: str, principal: str) -> None:
    """As far as the trigger tells."""
    log = FakeComplianceLog()
    TellCompliance(log).reloaded(result(trigger, version="v"))
    assert log.actions == [
        ComplianceAction(
            action="config.change",
            principal=principal,
            resource="gateway.configuration",
            outcome="success",
            metadata={"trigger": trigger, "snapshot_hash": "ab", "version": "v"},
        )
    ]


def test_a_refused_configuration_is_told_with_the_reason() -> None:
    """The hash is that of what stays in force."""
    log = FakeComplianceLog()
    TellCompliance(log).reloaded(result(status="refused", message="line 3"))
    assert log.actions[0].outcome == "failure"
    assert log.actions[0].metadata == {"trigger": "SIGHUP", "snapshot_hash": "ab", "reason": "line 3"}


def test_a_reload_without_a_change_is_no_action() -> None:
    """Watches reload whenever a file was written."""
    log = FakeComplianceLog()
    TellCompliance(log).reloaded(result(status="unchanged"))
    assert log.actions == []


@pytest.mark.parametrize(
    ("kind", "subject", "after", "action"),
    [
        ("breaker", "openai/gpt-4o", "open", "circuit_breaker.change"),
        ("cooldown", "org-a", "cooling", "provider.health_change"),
    ],
)
def test_changes_of_health_are_told(kind: str, subject: str, after: str, action: str) -> None:
    """The outcome is the state that it came to."""
    log = FakeComplianceLog()
    change = HealthChange(kind=kind, subject=subject, before="b", after=after)  # type: ignore[arg-type]
    TellCompliance(log).health_changed(change)
    (told,) = log.actions
    assert (told.action, told.resource, told.outcome) == (action, subject, after)
    assert told.metadata == {"before": "b", "after": after}


def test_a_full_provider_is_no_matter() -> None:
    """It may be full and free a hundred times a second."""
    log = FakeComplianceLog()
    TellCompliance(log).health_changed(
        HealthChange(kind="bulkhead", subject="openai", before="free", after="full")
    )
    assert log.actions == []


def test_a_denied_request_is_told_with_its_decision() -> None:
    """No other request is."""
    log = FakeComplianceLog()
    tell = TellCompliance(log)
    tell.finished(RECORD)
    tell.finished(usage_record(status="403", error_code="policy_denied", target=None))
    tell.finished(usage_record(status="403", error_code="policy_denied", target=None, tenant=None))
    assert [action.principal for action in log.actions] == ["acme", "anonymous"]
    told = log.actions[0]
    assert (told.action, told.resource, told.outcome) == ("policy.denied", "fast", "denied")
    assert told.execution_id == RECORD.decision_id
