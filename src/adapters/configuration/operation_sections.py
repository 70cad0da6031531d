"""The parts of `gateway.yaml` on how the gateway works, `resilience` to `server`, as they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from llm_gateway.adapters.configuration.fields import (
    Count,
    Duration,
    Flag,
    KeySetUrl,
    Moment,
    Name,
    PageOrigin,
    Port,
    Positive,
    PositiveDuration,
    Ratio,
    Size,
)
from llm_gateway.adapters.configuration.file_section import FileSection
from llm_gateway.domain.principal import Scope
from llm_gateway.domain.retry_policy import Jitter


class RetrySection(FileSection):
    max_attempts: Positive = Field(default=3, description="on one target")
    base_delay: Duration = 0.1
    max_delay: Duration = 5.0
    jitter: Jitter = "full"
    budget_ratio: Ratio = Field(default=0.2, description="retries per request, at most")
    unknown: Literal["stop", "next_target"] = Field(
        default="stop",
        description="when an attempt may have run upstream: give up, or try elsewhere and maybe pay twice",
    )


class CircuitBreakerSection(FileSection):
    failure_threshold: Positive = 5
    failure_ratio: Ratio = 0.5
    min_requests: Positive = 10
    window: PositiveDuration = 30.0
    open_for: PositiveDuration = 30.0
    half_open_requests: Positive = 1
    success_threshold: Positive = 2


class BulkheadSection(FileSection):
    max_in_flight: Positive = 2000
    max_queue: Count = 500
    queue_timeout: Duration = 5.0


class ResilienceSection(FileSection):
    retry: RetrySection = RetrySection()
    circuit_breaker: CircuitBreakerSection = CircuitBreakerSection()
    bulkhead: BulkheadSection = BulkheadSection()


class KeySection(FileSection):
    """A client key: `llm-gateway keys create` prints the key once and the digest to put here."""

    id: Name
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the key, lower-case hex")
    tenant: Name | None = None
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("inference",)
    expires: Moment | None = Field(default=None, description="from then on the key is refused")


class JwtSection(FileSection):
    """Signed tokens beside keys; the key set is a file or fetched from a URL and fetched again."""

    issuer: Name
    audience: Name
    jwks_file: Name | None = None
    jwks_url: KeySetUrl | None = Field(default=None, description="https, or http on loopback")
    jwks_ca_file: Name | None = Field(default=None, description="roots to trust for jwks_url, in PEM form")
    algorithms: Annotated[tuple[Literal["RS256", "ES256"], ...], Field(min_length=1)] = ("RS256", "ES256")
    tenant_claim: Name = Field(default="tenant", description="without it only a token with scope admin holds")
    scopes_claim: Name = Field(default="scope", description="a list, or text with spaces")
    leeway: Duration = 30.0
    refresh: PositiveDuration = 300.0

    @model_validator(mode="after")
    def _one_key_set(self) -> JwtSection:
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError("needs one of jwks_file and jwks_url")
        if self.jwks_ca_file is not None and self.jwks_url is None:
            raise ValueError("has jwks_ca_file, which is for jwks_url")
        return self


class AuthSection(FileSection):
    mode: Literal["api_key", "none"] | None = Field(
        default=None, description="left out: api_key when there are keys or jwt, else open on loopback only"
    )
    keys: tuple[KeySection, ...] = ()
    jwt: JwtSection | None = None
    metrics: Literal["open", "authenticated"] = "open"


class AuditSection(FileSection):
    spool_dir: Name = "var/spool"
    max_bytes: Size = 1024**3
    durability: Literal["write", "fsync"] = "write"
    when_full: Literal["drop_oldest", "reject"] = "drop_oldest"


class PolicySection(FileSection):
    """How the policy peers of the environment are asked, `POLICY_ENGINE_URL` and `SHIELD_URL`."""

    on_failure: Literal["open", "closed"] | None = Field(
        default=None,
        description="where nobody could judge: let pass, or deny; left out: open in dev, else closed",
    )
    timeout: PositiveDuration = Field(
        default=0.3, le=10.0, description="the longest that a request waits for a peer; at most 10s"
    )
    cache_ttl: Duration = Field(
        default=30.0, description="how long a verdict is fresh; then it counts as long again while renewed"
    )


class OtlpSection(FileSection):
    sample_ratio: Ratio = 0.1
    propagate: Flag = False


class TelemetrySection(FileSection):
    otlp: OtlpSection = OtlpSection()
    access_log: Flag = False


class ServerSection(FileSection):
    host: Name = "0.0.0.0"
    port: Port = 8080
    max_body: Size = 32 * 1024**2
    drain_timeout: Duration = 30.0
    cors_origins: tuple[PageOrigin, ...] = Field(
        default=(), description="web pages that may ask from a browser, such as https://app.example.com"
    )
