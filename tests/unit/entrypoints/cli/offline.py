"""Running commands in process, and a spool with decisions to run them on."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.snapshot_archive.directory import DirectorySnapshotArchive
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.entrypoints.cli.app import app
from llm_gateway.entrypoints.container import tools
from llm_gateway.entrypoints.settings import load_settings
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.health_source import FakeHealthSource
from tests.fakes.identifiers import FakeIdentifiers

CONFIGURATION = """
providers:
  - id: a
    type: openai_compatible
    base_url: http://127.0.0.1:9/v1
    api_key: sk-never-shown
    models: [{name: m, input_price: "1", output_price: "2"}]
  - {id: b, type: openai_compatible, base_url: "http://127.0.0.1:9/v1", api_key: k, models: [m, n]}
routing:
  rules:
    - {name: gold, match: {metadata: {tier: gold}}, action: {providers: [b]}}
"""


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments], input=input)


def configured(directory: Path, text: str = CONFIGURATION, name: str = "gateway.yaml") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def snapshot_of(path: Path) -> RoutingSnapshot:
    return tools.written_configuration(load_settings(config=path)).snapshot()


def spool_with(directory: Path, snapshot: RoutingSnapshot, models: list[str]) -> list[str]:
    """A decision for each model, as a gateway would have stored it; their ids."""
    clock = FakeClock()
    log = JsonlDecisionLog(directory, clock)
    log.open()
    route = RouteInference(
        snapshots=FakeCurrentSnapshot(snapshot),
        health=FakeHealthSource(),
        log=log,
        clock=clock,
        identifiers=FakeIdentifiers(),
        identity=ServiceIdentity(agent_version="0.1.0"),
    )
    facts = [RequestFacts(model=model, input_tokens=1000, max_output_tokens=500) for model in models]
    ids = [route(fact, request_id="r").decision_id for fact in facts]
    log.close()
    DirectorySnapshotArchive(directory / "configuration" / "snapshots").save(
        snapshot.hash, snapshot.document()
    )
    return ids
