"""The optimizer's webhook, where its secret is set."""

from __future__ import annotations

from llm_gateway.application.accept_rule_update import AcceptRuleUpdate
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.refusal_observer import RefusalObserver
from llm_gateway.application.reload_configuration import ConfigurationStores, ReloadConfiguration
from llm_gateway.application.update_configuration import UpdateConfiguration
from llm_gateway.application.webhook_signature import WebhookSignature
from llm_gateway.entrypoints.settings import Settings


def build_rule_updates(
    settings: Settings,
    live: LiveConfiguration,
    stores: ConfigurationStores,
    reload: ReloadConfiguration,
    clock: Clock,
    observer: RefusalObserver,
    compliance: ComplianceLog,
) -> AcceptRuleUpdate | None:
    if not settings.optimizer_webhook_secret:
        return None
    return AcceptRuleUpdate(
        WebhookSignature(settings.optimizer_webhook_secret, now=clock.now),
        UpdateConfiguration(live, stores, reload, clock),
        live,
        observer=observer,
        compliance=compliance,
    )
