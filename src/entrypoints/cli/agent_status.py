"""`llm-gateway agent status`, once or as a live table."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from llm_gateway.entrypoints.cli.agent_inspect import rows, version
from llm_gateway.entrypoints.cli.context import CliContext, context_of, fail
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient
from llm_gateway.entrypoints.cli.output import FormatOption, OutputFormat, pairs, show


def status(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on until Ctrl-C.")] = False,
    interval: Annotated[
        float, typer.Option("--interval", "-i", min=0.1, help="Seconds between two looks.")
    ] = 5.0,
    agent_id: Annotated[str | None, typer.Option("--agent-id", help="Only this agent will do.")] = None,
    form: FormatOption = None,
) -> None:
    """Show health and figures over all workers."""
    cli = context_of(context)
    client = GatewayClient(cli)
    if not watch:
        show(cli, _look(client, agent_id), status_table, form)
        return
    try:
        _watch(cli, client, agent_id, interval, form)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _look(client: GatewayClient, agent_id: str | None) -> dict[str, Any]:
    found: dict[str, Any] = client.get_json("/agents/status")
    if agent_id is not None and found["agent_id"] != agent_id:
        fail(f"there is no agent {agent_id} here, only {found['agent_id']}")
    return found


def _watch(
    cli: CliContext, client: GatewayClient, agent_id: str | None, interval: float, form: OutputFormat | None
) -> None:
    """For programs a document after the other (JSON: one a line); on a terminal one table, drawn again."""
    found = _look(client, agent_id)
    if cli.console.is_terminal and form in (None, OutputFormat.TABLE) and not cli.json_output:
        with Live(status_table(found), console=cli.console, auto_refresh=False) as live:
            while True:
                time.sleep(interval)
                live.update(status_table(_look(client, agent_id)), refresh=True)
    while True:
        if form is OutputFormat.JSON or (form is None and cli.json_output):
            typer.echo(json.dumps(found, ensure_ascii=False))
        else:
            show(cli, found, status_table, form)
        sys.stdout.flush()
        time.sleep(interval)
        found = _look(client, agent_id)


def status_table(found: dict[str, Any]) -> RenderableType:
    stored, configuration = found["persistence"]["ruvector"], found["configuration"]
    last = configuration["last_reload"]
    reload = f"{last['status']} {last['at']}" + (f": {last['message']}" if last["message"] else "")
    head = pairs(
        [
            ("agent", found["agent_id"]),
            ("version", version(found["version"])),
            ("health", found["health"]),
            ("ready", found["ready"]),
            ("started", found["started_at"]),
            ("last activity", found["last_activity"]),
            ("requests", found["requests_processed"]),
            ("errors", found["errors"]),
            ("average latency", None if found["avg_latency_ms"] is None else f"{found['avg_latency_ms']} ms"),
            ("decisions", ", ".join(f"{name} {count}" for name, count in found["decisions"].items())),
            ("ruvector", "configured" if stored["configured"] else "not configured"),
            ("decision log", f"{stored['spool_bytes']} bytes, {stored['dropped']} dropped"),
            ("snapshot", configuration["snapshot_hash"]),
            ("last reload", reload),
        ]
    )
    workers = found["workers"]
    heading = f"workers {workers['reporting']} of {workers['expected']}"
    names = ["worker", "pid", "phase", "health", "ready", "started_at", "snapshot_hash"]
    return Group(head, Text(), Text(heading), rows(workers["each"], names))
