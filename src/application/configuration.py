"""GatewayConfiguration: the whole effective configuration, immutable and already validated.

Field names and defaults are those of `gateway.yaml` (docs: configuration reference); durations are seconds,
sizes are bytes. How it is read from a file or from the environment is an adapter's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llm_gateway.application.ports.upstream_transport import Timeouts, TlsSettings
from llm_gateway.application.secret import Secret
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.principal import Scope
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.retry_policy import RetryPolicy
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from llm_gateway.domain.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """One upstream account with everything that execution needs; `provider()` is what routing may know.

    `api_key` None means that none is configured; `credential_reference` (`env:OPENAI_API_KEY`,
    `secret:openai-api-key`, `inline:<sha256 prefix>`, empty) names it without holding it. The key travels
    as `<credential_header>: <credential_scheme> <key>` (scheme empty: the bare key). `headers` go with
    every request and may hold credentials, so they are never shown. `options` are the dialect's declared
    deviations. `capabilities` and `unsupported_parameters` are the effective ones (type's plus file's).
    `metadata_sources` names, for each model that public metadata knows, where that came from; a named model
    that is not in it is unknown, which takes nothing away from it.
    """

    id: str
    type: str
    dialect: str
    base_url: str
    api_key: Secret | None = None
    credential_reference: str = ""
    credential_header: str = "authorization"
    credential_scheme: str = "Bearer"
    credential_required: bool = True
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    tls: TlsSettings | None = None
    allow_link_local: bool = False
    models: tuple[Model, ...] = ()
    weight: int = 100
    priority: int = 100
    quota_group: str | None = None
    max_concurrent: int | None = None
    latency_tier: int | None = None
    capabilities: frozenset[Capability] = frozenset(Capability)
    unsupported_parameters: frozenset[str] = frozenset()
    drop_parameters: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)
    metadata_sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """False when the upstream demands a key and none is known."""
        return bool(self.api_key) or not self.credential_required

    @property
    def unknown_models(self) -> tuple[str, ...]:
        """The named models that no public metadata knows; all of them before it has been looked at."""
        named = (model.name for model in self.models if not model.is_pattern)
        return tuple(name for name in named if name not in self.metadata_sources)

    def provider(self) -> Provider:
        """The account as routing and the snapshot's hash see it: references instead of secrets."""
        return Provider(
            id=self.id,
            type=self.type,
            dialect=self.dialect,
            models=self.models,
            weight=self.weight,
            priority=self.priority,
            quota_group=self.quota_group,
            max_concurrent=self.max_concurrent,
            capabilities=self.capabilities,
            unsupported_parameters=self.unsupported_parameters,
            droppable_parameters=self.drop_parameters,
            latency_tier=self.latency_tier,
            base_url=self.base_url,
            credential_reference=self.credential_reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSettings:
    """`aliases` map a public name to `provider/model` targets in order; `affinity` lists key sources such
    as `header:x-session-id`, `user`, `prompt_prefix`, tried in order."""

    strategy: Strategy = "priority"
    affinity: tuple[str, ...] = ()
    default_providers: tuple[str, ...] = ()
    fallback: Fallback = field(default_factory=Fallback)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[RoutingRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkheadSettings:
    """`max_in_flight` requests at once, then a queue of `max_queue`, each waiting `queue_timeout` seconds."""

    max_in_flight: int = 2000
    max_queue: int = 500
    queue_timeout: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    circuit_breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    bulkhead: BulkheadSettings = BulkheadSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A client's key as its SHA-256 in lower-case hex, never the key. `tenant` None: no tenant.

    `expires` is Unix seconds, None for never.
    """

    id: str
    sha256: str
    tenant: str | None = None
    scopes: tuple[Scope, ...] = ("inference",)
    expires: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtSettings:
    """Signed tokens (RFC 7519) that are taken beside keys, checked with the keys of a JWK set.

    One of `jwks_file` and `jwks_url` is given; `jwks_ca_file` are the roots to trust for the URL instead of
    the system's. `issuer` and `audience` must be those of the token.
    `scopes_claim` holds scopes as a list or as text with spaces. `leeway` and `refresh` are seconds.
    """

    issuer: str
    audience: str
    jwks_file: str | None = None
    jwks_url: str | None = None
    jwks_ca_file: str | None = None
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    tenant_claim: str = "tenant"
    scopes_claim: str = "scope"
    leeway: float = 30.0
    refresh: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """`mode` None means not said: `api_key` when there are keys or `jwt`, else open on loopback only.

    `metrics` says whether `/metrics` is open or wants scope `agents:read`.
    """

    mode: Literal["api_key", "none"] | None = None
    keys: tuple[ClientKey, ...] = ()
    jwt: JwtSettings | None = None
    metrics: Literal["open", "authenticated"] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    spool_dir: str = "var/spool"
    max_bytes: int = 1024**3
    durability: Literal["write", "fsync"] = "write"
    when_full: Literal["drop_oldest", "reject"] = "drop_oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """`on_failure` None means not said: `open` in dev, else `closed`. `timeout` is how long a policy peer may
    take, `cache_ttl` how long its verdict is fresh."""

    on_failure: Literal["open", "closed"] | None = None
    timeout: float = 0.3
    cache_ttl: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpSettings:
    """`propagate`: upstreams are told of the trace, too (W3C `traceparent`, `tracestate`)."""

    sample_ratio: float = 0.1
    propagate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings:
    otlp: OtlpSettings = OtlpSettings()
    access_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """`cors_origins` are the web pages (`https://host[:port]`) that may ask from a browser."""

    host: str = "0.0.0.0"
    port: int = 8080
    max_body: int = 32 * 1024**2
    drain_timeout: float = 30.0
    cors_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfiguration:
    """`providers` in file order. Every part has its documented default, so an empty file is a whole one."""

    providers: tuple[ProviderAccount, ...] = ()
    routing: RoutingSettings = RoutingSettings()
    resilience: Resilience = Resilience()
    auth: AuthSettings = AuthSettings()
    audit: AuditSettings = AuditSettings()
    policy: PolicySettings = PolicySettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    server: ServerSettings = ServerSettings()

    def account(self, provider_id: str) -> ProviderAccount | None:
        """The account with that id; a scan, for the control plane only."""
        return next((account for account in self.providers if account.id == provider_id), None)

    def snapshot(self) -> RoutingSnapshot:
        """What routing sees of it, compiled. Raises ConfigurationError (path) for what cannot work."""
        routing = self.routing
        return RoutingSnapshot.build(
            providers=[account.provider() for account in self.providers],
            rules=routing.rules,
            strategy=routing.strategy,
            default_providers=routing.default_providers,
            aliases=routing.aliases,
            fallback=routing.fallback,
            affinity=routing.affinity,
        )
