"""Reading configuration text in tests: a reader with fake provider types, environment and secret store."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from llm_gateway.adapters.configuration.credential import CredentialSources
from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.provider_types import PROVIDER_TYPES

ENVIRONMENT = {"OPENAI_API_KEY": "sk-openai-0123456789", "ANTHROPIC_API_KEY": "sk-ant-0123456789"}


def reader(
    environment: Mapping[str, str] = ENVIRONMENT, secrets: Mapping[str, str] | None = None
) -> ConfigurationReader:
    sources = CredentialSources(environment=environment, secret=dict(secrets or {}).get)
    return ConfigurationReader(types=PROVIDER_TYPES, sources=sources)


def read(text: str, **sources: Mapping[str, str]) -> GatewayConfiguration:
    return reader(**sources).read(text, "gateway.yaml").configuration


def refused(text: str, **sources: Mapping[str, str]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read(text, **sources)
    return caught.value
