"""Settings: the process environment, read here and nowhere else."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from llm_gateway.application.secret import Secret
from llm_gateway.domain.decision_event import InvalidDecisionEvent, check_agent_version
from llm_gateway.domain.errors import ConfigurationError

PREFIX = "LLM_GATEWAY_"
PlatformEnv = Literal["dev", "staging", "prod"]
LogLevel = Literal["debug", "info", "warning", "error"]
_SECRETS = (
    "ruvector_api_key",
    "openai_api_key",
    "anthropic_api_key",
    "google_api_key",
    "optimizer_webhook_secret",
    "gateway_shared_secret",
)


class Settings(BaseSettings):
    """One field per variable; the field's upper-case name (or its alias) is the variable's.

    `environment` is the whole environment as it was, for `${VAR}` in the configuration file and for the
    keys of provider types.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)

    # Service identity
    service_name: str = "llm-inference-gateway"
    service_version: str = ""
    platform_env: PlatformEnv = "dev"
    agent_phase: str = ""
    agent_layer: str = ""
    k_service: str = ""
    k_revision: str = ""

    # Peers
    ruvector_service_url: str | None = None
    ruvector_api_key: Secret | None = None
    telemetry_endpoint: str | None = None
    otel_enabled: bool = False
    otel_service_name: str = "llm-inference-gateway"
    otel_exporter_otlp_endpoint: str | None = None
    costops_url: str | None = None
    policy_engine_url: str | None = None
    shield_url: str | None = None
    gateway_shared_secret: Secret | None = None
    governance_endpoint: str | None = None
    optimizer_webhook_secret: Secret | None = None
    google_cloud_project: str | None = None
    secrets_dir: Path | None = Field(default=None, validation_alias="LLM_GATEWAY_SECRETS_DIR")
    secret_manager_url: str | None = Field(default=None, validation_alias="LLM_GATEWAY_SECRET_MANAGER_URL")

    # Providers
    openai_api_key: Secret | None = None
    anthropic_api_key: Secret | None = None
    google_api_key: Secret | None = None

    # The gateway itself
    port: int | None = Field(default=None, ge=0, le=65535)
    config: Path | None = Field(default=None, validation_alias="LLM_GATEWAY_CONFIG")
    host: str | None = Field(default=None, validation_alias="LLM_GATEWAY_HOST")
    api_keys: Annotated[tuple[Secret, ...], NoDecode] = Field(
        default=(), validation_alias="LLM_GATEWAY_API_KEYS"
    )
    auth: Literal["api_key", "none"] | None = Field(default=None, validation_alias="LLM_GATEWAY_AUTH")
    spool_dir: Path | None = Field(default=None, validation_alias="LLM_GATEWAY_SPOOL_DIR")
    spool_max_bytes: int | None = Field(
        default=None, ge=1024**2, validation_alias="LLM_GATEWAY_SPOOL_MAX_BYTES"
    )
    workers: int = Field(default=1, ge=1, le=256, validation_alias="LLM_GATEWAY_WORKERS")
    log_level: LogLevel = Field(default="info", validation_alias="LLM_GATEWAY_LOG_LEVEL")
    lab: bool = Field(default=False, validation_alias="LLM_GATEWAY_LAB")

    # Set by `start` for the processes that it starts
    lab_url: str | None = Field(default=None, validation_alias="LLM_GATEWAY_LAB_URL")
    worker: int = Field(default=0, ge=0, validation_alias="LLM_GATEWAY_WORKER")
    run_dir: Path | None = Field(default=None, validation_alias="LLM_GATEWAY_RUN_DIR")

    environment: Mapping[str, str] = Field(default_factory=dict, repr=False, exclude=True)

    @field_validator(*_SECRETS, mode="before")
    @classmethod
    def _as_secret(cls, value: Any) -> Any:
        return Secret(value) if isinstance(value, str) and value else (value or None)

    @field_validator("api_keys", mode="before")
    @classmethod
    def _as_secrets(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(Secret(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "config",
        "spool_dir",
        "run_dir",
        "secrets_dir",
        "host",
        "port",
        "auth",
        "ruvector_service_url",
        "telemetry_endpoint",
        "costops_url",
        "policy_engine_url",
        "shield_url",
        "secret_manager_url",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @property
    def version(self) -> str:
        """`SERVICE_VERSION`, else the version of the installed package."""
        return self.service_version or _package_version()

    @property
    def agent_version(self) -> str:
        """`version` as an event may carry it: the package's where it is free text, such as `latest`."""
        stated = self.version.removeprefix("v")
        try:
            check_agent_version(stated)
        except InvalidDecisionEvent:
            return _package_version()
        return stated


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, with `overrides` (by field name) from the command line on top.

    Raises ConfigurationError naming the variable: unknown ones under `LLM_GATEWAY_`, and bad values.
    """
    environment = dict(os.environ)
    _refuse_unknown(environment)
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings()
    except ValidationError as exc:
        raise _explained(exc) from None
    return settings.model_copy(update={**given, "environment": environment})


def export_settings(values: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child process: this one's with `values` on top."""
    return {**os.environ, **values}


def _package_version() -> str:
    from importlib.metadata import version

    return version("llm-inference-gateway")


def _variables() -> dict[str, str]:
    """Variable name by field name."""
    return {
        name: str(field.validation_alias or name.upper())
        for name, field in Settings.model_fields.items()
        if name != "environment"
    }


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = [name for name in _variables().values() if name.startswith(PREFIX)]
    for name in environment:
        # The CLI's own variables (`GATEWAY_URL` …) and completion's `_LLM_GATEWAY_COMPLETE` do not match.
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigurationError(
                f"unknown setting {name}",
                path=name,
                hint=f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}",
            )


def _explained(exc: ValidationError) -> ConfigurationError:
    first = exc.errors(include_input=False, include_url=False)[0]
    location = str(first["loc"][0]) if first["loc"] else ""
    variable = location if location.isupper() else _variables().get(location, location.upper())
    return ConfigurationError(f"{variable}: {first['msg'].lower()}", path=variable)
