"""Assembly: from the file as it is written to the effective GatewayConfiguration."""

from __future__ import annotations

from llm_gateway.adapters.configuration.gateway_file import GatewayFile
from llm_gateway.adapters.configuration.operation_sections import AuthSection, ResilienceSection
from llm_gateway.adapters.configuration.routing_section import RoutingSection, RuleSection
from llm_gateway.application.configuration import (
    AuditSettings,
    AuthSettings,
    BulkheadSettings,
    ClientKey,
    GatewayConfiguration,
    JwtSettings,
    OtlpSettings,
    PolicySettings,
    ProviderAccount,
    Resilience,
    RoutingSettings,
    ServerSettings,
    TelemetrySettings,
)
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.retry_policy import RetryPolicy
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import Fallback


def assemble(file: GatewayFile, accounts: tuple[ProviderAccount, ...]) -> GatewayConfiguration:
    """Every field by field: a setting that the file knows and this does not carry over would be a lie."""
    return GatewayConfiguration(
        providers=accounts,
        routing=_routing(file.routing),
        resilience=_resilience(file.resilience),
        auth=_auth(file.auth),
        audit=AuditSettings(**file.audit.model_dump()),
        policy=PolicySettings(**file.policy.model_dump()),
        telemetry=TelemetrySettings(
            otlp=OtlpSettings(**file.telemetry.otlp.model_dump()), access_log=file.telemetry.access_log
        ),
        server=ServerSettings(**file.server.model_dump()),
    )


def _resilience(section: ResilienceSection) -> Resilience:
    return Resilience(
        retry=RetryPolicy(**section.retry.model_dump()),
        circuit_breaker=BreakerPolicy(**section.circuit_breaker.model_dump()),
        bulkhead=BulkheadSettings(**section.bulkhead.model_dump()),
    )


def _auth(section: AuthSection) -> AuthSettings:
    keys = tuple(ClientKey(**key.model_dump()) for key in section.keys)
    jwt = None if section.jwt is None else JwtSettings(**section.jwt.model_dump())
    return AuthSettings(mode=section.mode, keys=keys, jwt=jwt, metrics=section.metrics)


def _routing(section: RoutingSection) -> RoutingSettings:
    return RoutingSettings(
        strategy=section.strategy,
        affinity=section.affinity,
        default_providers=section.default_providers,
        fallback=Fallback(**section.fallback.model_dump()),
        aliases=dict(section.aliases),
        rules=tuple(_rule(rule) for rule in section.rules),
    )


def _rule(section: RuleSection) -> RoutingRule:
    match, action = section.match, section.action
    return RoutingRule(
        name=section.name,
        priority=section.priority,
        enabled=section.enabled,
        match=RuleMatch(
            models=match.models,
            tenants=match.tenants,
            headers=tuple(sorted(match.headers.items())),
            capabilities=frozenset(match.capabilities),
            min_input_tokens=match.min_input_tokens,
            max_input_tokens=match.max_input_tokens,
            metadata=tuple(sorted(match.metadata.items())),
        ),
        action=RuleAction(
            providers=action.providers,
            weights=tuple(action.weights.items()),
            strategy=action.strategy,
            model=action.model,
            add_headers=tuple(action.add_headers.items()),
            terminal=action.terminal,
        ),
    )
