"""ProviderEntry: one item of `providers` as it is written."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from llm_gateway.adapters.configuration.fields import (
    Count,
    Flag,
    Headers,
    Name,
    Positive,
    PositiveDuration,
    Price,
    ProviderId,
    Weight,
)
from llm_gateway.adapters.configuration.file_section import FileSection
from llm_gateway.domain.capability import Capability


class ModelEntry(FileSection):
    """A model that the provider serves; `name` may be a glob. Prices: USD per million tokens."""

    name: Name
    aliases: tuple[Name, ...] = ()
    capabilities: tuple[Capability, ...] | None = Field(
        default=None, description="what the model can do; streaming goes without saying"
    )
    context_window: Positive | None = None
    max_output_tokens: Positive | None = None
    input_price: Price | None = None
    output_price: Price | None = None


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class TimeoutsEntry(FileSection):
    """How long each phase of an upstream call may take."""

    connect: PositiveDuration | None = None
    first_byte: PositiveDuration | None = None
    idle: PositiveDuration | None = None
    total: PositiveDuration | None = None


class TlsEntry(FileSection):
    """PEM files. Certificates are always verified; there is no setting that turns it off."""

    ca_file: Name | None = Field(default=None, description="roots to trust instead of the system's")
    client_certificate: Name | None = Field(default=None, description="shown where the upstream asks")
    client_key: Name | None = Field(default=None, description="left out: in client_certificate's file")


NamedModel = Annotated[ModelEntry, BeforeValidator(_named, json_schema_input_type=str | ModelEntry)]


class ProviderEntry(FileSection):
    """An upstream account. What is left out comes from its `type`."""

    id: ProviderId
    type: Name
    base_url: str | None = Field(
        default=None, description="http or https, without credentials, query or fragment"
    )
    api_key: str | None = Field(default=None, description="the key, best as ${OPENAI_API_KEY}")
    api_key_secret: Name | None = Field(
        default=None, description="its name in the secret store, instead of api_key"
    )
    models: tuple[NamedModel, ...] | None = Field(
        default=None, description="left out: the ones known for the type; empty: any model name is passed on"
    )
    weight: Weight = 100
    priority: Count = Field(default=100, description="lower first")
    quota_group: Name | None = Field(
        default=None, description="targets that share one upstream quota cool down together"
    )
    max_concurrent: Positive | None = None
    latency_tier: Count | None = Field(default=None, description="0 is the fastest")
    headers: Headers = Field(default={}, description="sent with every request")
    timeouts: TimeoutsEntry = TimeoutsEntry()
    tls: TlsEntry | None = None
    capabilities: tuple[Capability, ...] | None = None
    unsupported_parameters: tuple[Name, ...] = Field(
        default=(), description="request parameters that it cannot honour, beside those of its type"
    )
    drop_parameters: tuple[Name, ...] = Field(
        default=(), description="parameters to leave out rather than go elsewhere"
    )
    options: dict[str, Any] = Field(default={}, description="deviations of the type's dialect, by name")
    allow_link_local: Flag = Field(
        default=False, description="let base_url be a link-local or metadata address"
    )
