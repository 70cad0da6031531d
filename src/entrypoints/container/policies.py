"""Who is asked about a request's candidates before it is routed, as the settings want it."""

from __future__ import annotations

from typing import Literal

from llm_gateway.adapters.metrics.policy_metrics import PolicyMetrics
from llm_gateway.adapters.policy_engine import gate as policy_engine
from llm_gateway.adapters.routing_constraints.null import NullRoutingConstraints
from llm_gateway.adapters.shield import gate as shield
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.routing_constraints import RoutingConstraints
from llm_gateway.application.standing_verdicts import PolicyTerms, StandingVerdicts
from llm_gateway.entrypoints.container.upstreams import upstream_transport
from llm_gateway.entrypoints.settings import Settings

PEERS = (policy_engine.NAME, shield.NAME)


def consult_policies(
    settings: Settings, live: LiveConfiguration, clock: Clock, observer: PolicyMetrics
) -> ConsultPolicies | None:
    """None when no peer is configured: then a request does not even go by. Raises ConfigurationError."""
    peers = [peer for peer in routing_constraints(settings, clock) if peer.endpoint is not None]
    if not peers:
        return None
    observer.expect(*(peer.name for peer in peers))
    terms = policy_terms(settings, live.configuration)
    standing = [StandingVerdicts(peer, terms, clock=clock, observer=observer) for peer in peers]
    return ConsultPolicies(standing, snapshots=live, clock=clock)


def routing_constraints(settings: Settings, clock: Clock) -> tuple[RoutingConstraints, ...]:
    """In the order of PEERS, each with connections of its own. Raises ConfigurationError."""
    engine: RoutingConstraints = NullRoutingConstraints(policy_engine.NAME)
    scanner: RoutingConstraints = NullRoutingConstraints(shield.NAME)
    if settings.policy_engine_url is not None:
        engine = policy_engine.PolicyEngine(
            settings.policy_engine_url,
            upstream_transport(settings),
            project=settings.service_name,
            environment=settings.platform_env,
        )
    if settings.shield_url is not None:
        scanner = shield.Shield(
            settings.shield_url,
            upstream_transport(settings),
            now=clock.now,
            caller_id=settings.service_name,
            secret=settings.gateway_shared_secret,
        )
    return engine, scanner


def policy_terms(settings: Settings, configuration: GatewayConfiguration) -> PolicyTerms:
    policy = configuration.policy
    unsaid: Literal["open", "closed"] = "open" if settings.platform_env == "dev" else "closed"
    return PolicyTerms(
        on_failure=policy.on_failure or unsaid, timeout=policy.timeout, cache_ttl=policy.cache_ttl
    )
