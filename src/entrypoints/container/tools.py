"""What the commands need that work beside a gateway, on its files: nothing here opens or writes a spool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.configuration.gateway_file import json_schema
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.null import NullDecisionLog
from llm_gateway.adapters.decision_log.trail import SpoolTrail
from llm_gateway.adapters.identifiers import Uuid7Identifiers
from llm_gateway.adapters.model_metadata.genai_prices import GenaiPricesMetadata
from llm_gateway.adapters.snapshot_archive.directory import DirectorySnapshotArchive
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.enriched_configuration_source import EnrichedConfigurationSource
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.plan_route import PlanRoute
from llm_gateway.application.ports.audit_trail import AuditTrail
from llm_gateway.application.ports.current_snapshot import CurrentSnapshot
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.snapshot_archive import SnapshotArchive
from llm_gateway.application.reload_configuration import ConfigurationStores
from llm_gateway.application.revert_configuration import RevertConfiguration
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.entrypoints.container.configuration import (
    configuration_source,
    configuration_stores,
    provider_types,
    spool_directory,
)
from llm_gateway.entrypoints.settings import Settings


class _Fixed(CurrentSnapshot):
    def __init__(self, snapshot: RoutingSnapshot) -> None:
        self._snapshot = snapshot

    def current(self) -> RoutingSnapshot:
        return self._snapshot


def offline_route(
    settings: Settings, configuration: GatewayConfiguration, snapshot: RoutingSnapshot
) -> PlanRoute:
    """The gateway's own use case on a configuration that nobody serves: every target counts as healthy."""
    clock = SystemClock()
    health = HealthBook(configuration.resilience.circuit_breaker, clock)
    health.adopt(snapshot)
    log = NullDecisionLog()
    route = RouteInference(
        snapshots=_Fixed(snapshot),
        health=health,
        log=log,
        clock=clock,
        identifiers=Uuid7Identifiers(),
        identity=ServiceIdentity(agent_version=settings.agent_version),
    )
    return PlanRoute(route=route, health=health, log=log, clock=clock)


def written_configuration(settings: Settings) -> GatewayConfiguration:
    """The file's, or what the environment makes without one, with what is known of the models.

    Raises ConfigurationError.
    """
    source = EnrichedConfigurationSource(configuration_source(settings), GenaiPricesMetadata())
    return source.load().configuration


def written_stores(settings: Settings) -> ConfigurationStores:
    """Source, history and archive of the gateway with these settings. Raises ConfigurationError."""
    source = configuration_source(settings)
    return configuration_stores(spool_directory(settings, source), source)


def spool_of(settings: Settings) -> Path:
    """Where the gateway with these settings keeps its decisions. Raises ConfigurationError."""
    return spool_directory(settings, configuration_source(settings))


def stored_decisions(spool: Path) -> DecisionLog:
    """For reading only: what is appended to a log that was not opened is dropped."""
    return JsonlDecisionLog(spool, SystemClock())


def archive_of(spool: Path) -> SnapshotArchive:
    return DirectorySnapshotArchive(spool / "configuration" / "snapshots")


def audit_trail(path: Path) -> AuditTrail:
    """A spool, a worker's directory or one segment. Raises FileNotFoundError."""
    return SpoolTrail(path)


def revert_configuration(settings: Settings) -> RevertConfiguration:
    return RevertConfiguration(written_stores(settings), SystemClock())


def configuration_schema() -> dict[str, Any]:
    """JSON Schema of gateway.yaml."""
    return json_schema(provider_types())
