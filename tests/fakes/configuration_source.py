"""FakeConfigurationSource: texts are keys into prepared configurations; an unknown text is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.ports.configuration_source import ConfigurationSource, LoadedConfiguration
from llm_gateway.domain.errors import ConfigurationError


class FakeConfigurationSource(ConfigurationSource[GatewayConfiguration]):
    def __init__(self, known: Mapping[str, GatewayConfiguration], text: str = "") -> None:
        self.known = known
        self.text = text

    def load(self) -> LoadedConfiguration[GatewayConfiguration]:
        return self.check(self.text)

    def check(self, text: str) -> LoadedConfiguration[GatewayConfiguration]:
        if text not in self.known:
            raise ConfigurationError(f"gateway.yaml:1: {text}: is not prepared", path=text, line=1)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return LoadedConfiguration(
            configuration=self.known[text], text=text, digest=digest, origin="gateway.yaml"
        )

    def write(self, text: str) -> None:
        self.text = text
