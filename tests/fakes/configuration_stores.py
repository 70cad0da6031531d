"""Configuration stores made of fakes, with three small configurations to go between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from llm_gateway.application.configuration import (
    GatewayConfiguration,
    ProviderAccount,
    RoutingSettings,
    ServerSettings,
)
from llm_gateway.application.live_configuration import LiveConfiguration, ReloadResult
from llm_gateway.application.reload_configuration import (
    ConfigurationStores,
    ReloadConfiguration,
    open_configuration,
)
from llm_gateway.application.update_configuration import UpdateConfiguration
from llm_gateway.domain.provider import Model
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_history import FakeConfigurationHistory
from tests.fakes.configuration_overlays import FakeConfigurationOverlays
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.snapshot_archive import FakeSnapshotArchive

OPENAI = ProviderAccount(
    id="openai",
    type="openai",
    dialect="openai.chat",
    base_url="https://api.openai.test/v1",
    models=(Model(name="gpt-4o"),),
)
CLAUDE = replace(OPENAI, id="eu.claude", models=(Model(name="claude-*"),))
RULE = RoutingRule(
    name="gold",
    match=RuleMatch(models=("gpt-*",)),
    action=RuleAction(providers=("openai",), add_headers=(("x-tier", "gold"),)),
)
ONE = GatewayConfiguration(
    providers=(OPENAI, CLAUDE),
    routing=RoutingSettings(
        rules=(RULE,), aliases={"fast": ("openai/gpt-4o",)}, default_providers=("openai",)
    ),
)
TWO = replace(ONE, server=ServerSettings(port=9000), routing=replace(ONE.routing, strategy="weighted"))
BROKEN = replace(ONE, routing=replace(ONE.routing, default_providers=("nobody",)))


@dataclass
class Scene:
    """A gateway's configuration with everything around it; `observed` are the results that were told."""

    source: FakeConfigurationSource = field(
        default_factory=lambda: FakeConfigurationSource({"one": ONE, "two": TWO, "broken": BROKEN}, "one")
    )
    overlays: FakeConfigurationOverlays = field(default_factory=FakeConfigurationOverlays)
    history: FakeConfigurationHistory = field(default_factory=FakeConfigurationHistory)
    archive: FakeSnapshotArchive = field(default_factory=FakeSnapshotArchive)
    clock: FakeClock = field(default_factory=FakeClock)
    observed: list[ReloadResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stores = ConfigurationStores(
            source=self.source, overlays=self.overlays, history=self.history, archive=self.archive
        )
        self.live: LiveConfiguration = open_configuration(self.stores, self.clock)
        self.reload = ReloadConfiguration(self.live, self.stores, self.clock, self.observed.append)
        self.update = UpdateConfiguration(self.live, self.stores, self.reload, self.clock)
