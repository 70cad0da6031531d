"""Who is told of compliance actions: the platform's governance where its endpoint is set, else nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.adapters.governance.null import NullComplianceLog
from llm_gateway.adapters.governance.sink import GovernanceSink
from llm_gateway.application.auth_failures import AuthFailures
from llm_gateway.application.compliance_feed import ComplianceFeed
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.application.ports.refusal_observer import RefusalObserver
from llm_gateway.application.tell_compliance import TellCompliance
from llm_gateway.entrypoints.container.telemetry import NewFeed
from llm_gateway.entrypoints.container.upstreams import upstream_transport
from llm_gateway.entrypoints.settings import Settings


@dataclass(frozen=True, slots=True)
class Governance:
    """`refusals` is who authentication tells; without a `feed` and without `tell`, nobody else is told."""

    log: ComplianceLog
    refusals: RefusalObserver
    feed: ComplianceFeed | None = None
    tell: TellCompliance | None = None


def build_governance(
    settings: Settings,
    new_feed: NewFeed,
    refusals: RefusalObserver,
    live: LiveConfiguration,
    clock: Clock,
    identifiers: Identifiers,
) -> Governance:
    """Raises ConfigurationError for a URL of no use."""
    if not settings.governance_endpoint:
        return Governance(NullComplianceLog(), refusals)

    def state() -> Mapping[str, Any]:
        return {
            "version": settings.version,
            "environment": settings.platform_env,
            "snapshot_hash": live.current().hash,
        }

    feed = ComplianceFeed(
        new_feed(GovernanceSink(settings.governance_endpoint, upstream_transport(settings))),
        clock=clock,
        identifiers=identifiers,
        worker=settings.worker,
        state=state,
    )
    failures = AuthFailures(refusals, feed)
    feed.while_running(failures.start, failures.stop)
    return Governance(feed, failures, feed, TellCompliance(feed))
