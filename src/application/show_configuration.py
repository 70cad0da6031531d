"""The effective configuration as plain JSON in the shape of `gateway.yaml`, every credential masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from llm_gateway.application.configuration import (
    AuthSettings,
    GatewayConfiguration,
    JwtSettings,
    ProviderAccount,
    Resilience,
    RoutingSettings,
)
from llm_gateway.application.ports.upstream_transport import TlsSettings
from llm_gateway.application.rule_document import rule_document
from llm_gateway.application.secret import MASK
from llm_gateway.domain.provider import Model


def show_configuration(configuration: GatewayConfiguration) -> dict[str, Any]:
    """Everything that is in force, defaults included. Durations are text (`5s`), sizes bytes.

    Header values and texts in options may be credentials and are all masked; `api_key` is a mask beside
    `credential_reference`, which says where the key came from.
    """
    audit, server = configuration.audit, configuration.server
    return {
        "providers": [_account(account) for account in configuration.providers],
        "routing": _routing(configuration.routing),
        "resilience": _resilience(configuration.resilience),
        "auth": _auth(configuration.auth),
        "audit": {
            "spool_dir": audit.spool_dir,
            "max_bytes": audit.max_bytes,
            "durability": audit.durability,
            "when_full": audit.when_full,
        },
        "policy": {
            "on_failure": configuration.policy.on_failure,
            "timeout": _seconds(configuration.policy.timeout),
            "cache_ttl": _seconds(configuration.policy.cache_ttl),
        },
        "telemetry": {
            "otlp": {
                "sample_ratio": configuration.telemetry.otlp.sample_ratio,
                "propagate": configuration.telemetry.otlp.propagate,
            },
            "access_log": configuration.telemetry.access_log,
        },
        "server": {
            "host": server.host,
            "port": server.port,
            "max_body": server.max_body,
            "drain_timeout": _seconds(server.drain_timeout),
            "cors_origins": list(server.cors_origins),
        },
    }


def _resilience(resilience: Resilience) -> dict[str, Any]:
    retry, breaker, bulkhead = resilience.retry, resilience.circuit_breaker, resilience.bulkhead
    return {
        "retry": {
            "max_attempts": retry.max_attempts,
            "base_delay": _seconds(retry.base_delay),
            "max_delay": _seconds(retry.max_delay),
            "jitter": retry.jitter,
            "budget_ratio": retry.budget_ratio,
            "unknown": retry.unknown,
        },
        "circuit_breaker": {
            "failure_threshold": breaker.failure_threshold,
            "failure_ratio": breaker.failure_ratio,
            "min_requests": breaker.min_requests,
            "window": _seconds(breaker.window),
            "open_for": _seconds(breaker.open_for),
            "half_open_requests": breaker.half_open_requests,
            "success_threshold": breaker.success_threshold,
        },
        "bulkhead": {
            "max_in_flight": bulkhead.max_in_flight,
            "max_queue": bulkhead.max_queue,
            "queue_timeout": _seconds(bulkhead.queue_timeout),
        },
    }


def _auth(auth: AuthSettings) -> dict[str, Any]:
    keys = [
        {
            "id": key.id,
            "sha256": key.sha256,
            "tenant": key.tenant,
            "scopes": list(key.scopes),
            "expires": None if key.expires is None else datetime.fromtimestamp(key.expires, UTC).isoformat(),
        }
        for key in auth.keys
    ]
    return {"mode": auth.mode, "keys": keys, "jwt": _jwt(auth.jwt), "metrics": auth.metrics}


def _jwt(jwt: JwtSettings | None) -> dict[str, Any] | None:
    if jwt is None:
        return None
    return {
        "issuer": jwt.issuer,
        "audience": jwt.audience,
        "jwks_file": jwt.jwks_file,
        "jwks_url": jwt.jwks_url and jwt.jwks_url.partition("?")[0],
        "jwks_ca_file": jwt.jwks_ca_file,
        "algorithms": list(jwt.algorithms),
        "tenant_claim": jwt.tenant_claim,
        "scopes_claim": jwt.scopes_claim,
        "leeway": _seconds(jwt.leeway),
        "refresh": _seconds(jwt.refresh),
    }


def _account(account: ProviderAccount) -> dict[str, Any]:
    timeouts = account.timeouts
    return {
        "id": account.id,
        "type": account.type,
        "base_url": account.base_url,
        "api_key": MASK if account.api_key else None,
        "credential_reference": account.credential_reference or None,
        "models": [_model(model, account.metadata_sources) for model in account.models],
        "weight": account.weight,
        "priority": account.priority,
        "quota_group": account.quota_group,
        "max_concurrent": account.max_concurrent,
        "latency_tier": account.latency_tier,
        "headers": {name: MASK for name, _ in account.headers},
        "timeouts": {
            "connect": _seconds(timeouts.connect),
            "first_byte": _seconds(timeouts.first_byte),
            "idle": _seconds(timeouts.idle),
            "total": _seconds(timeouts.total),
        },
        "tls": _tls(account.tls),
        "allow_link_local": account.allow_link_local,
        "capabilities": sorted(account.capabilities),
        "unsupported_parameters": sorted(account.unsupported_parameters),
        "drop_parameters": sorted(account.drop_parameters),
        "options": {
            name: value if isinstance(value, bool | int | float) else MASK
            for name, value in account.options.items()
        },
    }


def _tls(tls: TlsSettings | None) -> dict[str, Any] | None:
    """Paths only."""
    if tls is None:
        return None
    return {
        "ca_file": tls.ca_file,
        "client_certificate": tls.client_certificate,
        "client_key": tls.client_key,
    }


def _model(model: Model, sources: Mapping[str, str]) -> dict[str, Any]:
    """`metadata` is where public metadata of the model came from, or `unknown`; a pattern has none."""
    return {
        "name": model.name,
        "aliases": list(model.aliases),
        "capabilities": None if model.capabilities is None else sorted(model.capabilities),
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "input_price": model.input_price,
        "output_price": model.output_price,
        "metadata": None if model.is_pattern else sources.get(model.name, "unknown"),
    }


def _routing(routing: RoutingSettings) -> dict[str, Any]:
    rules = [rule_document(rule) for rule in routing.rules]
    for rule in rules:
        rule["action"]["add_headers"] = dict.fromkeys(rule["action"]["add_headers"], MASK)
    return {
        "strategy": routing.strategy,
        "affinity": list(routing.affinity),
        "default_providers": list(routing.default_providers),
        "fallback": {"enabled": routing.fallback.enabled, "max_targets": routing.fallback.max_targets},
        "aliases": {name: list(targets) for name, targets in routing.aliases.items()},
        "rules": rules,
    }


def _seconds(value: float) -> str:
    return f"{value * 1000:g}ms" if 0 < value < 1 else f"{value:.15g}s"
