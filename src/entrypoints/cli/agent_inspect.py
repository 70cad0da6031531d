"""`llm-gateway agent inspect` and `agent list`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from llm_gateway.entrypoints.cli.context import context_of
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient
from llm_gateway.entrypoints.cli.output import FormatOption, cell, columns, pairs, show


def inspect(
    context: typer.Context,
    detailed: Annotated[bool, typer.Option("--detailed", help="Every provider in full.")] = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="What each provider has been asked.")] = False,
    health: Annotated[bool, typer.Option("--health", help="Breakers and cooldowns.")] = False,
    form: FormatOption = None,
) -> None:
    """Show the routing configuration in force."""
    cli = context_of(context)
    asked = {"detailed": detailed, "metrics": metrics, "health": health}
    flags = {name: "true" for name, wanted in asked.items() if wanted}
    show(cli, GatewayClient(cli).get_json("/agents/inspect", **flags), _inspection, form)


def list_agents(context: typer.Context, form: FormatOption = None) -> None:
    """List the agents of the service."""
    cli = context_of(context)
    show(cli, GatewayClient(cli).get_json("/agents"), _agents, form)


def _inspection(found: dict[str, Any]) -> RenderableType:
    config = found["config"]
    detailed = any(isinstance(provider, dict) for provider in found["providers"])
    parts: list[RenderableType] = [
        pairs(
            [
                ("agent", found["agent"]["id"]),
                ("version", version(found["agent"]["version"])),
                ("status", found["status"]),
                ("providers", found["provider_count"] if detailed else found["providers"]),
                ("rules", found["rule_count"]),
                ("strategy", config["default_strategy"]),
                ("default providers", config["default_providers"]),
                ("fallback", _fallback(config["fallback"])),
                ("snapshot", found["snapshot_hash"]),
            ]
        )
    ]
    if detailed:
        names = ["id", "dialect", "usable", "models", "weight", "priority", "breaker_state", "latency_ms"]
        parts += [Text(), rows(found["providers"], [*names, "in_flight", "cooldown_until"])]
    if found["rules"]:
        parts += [Text(), _rules(found["rules"])]
    for part in ("health", "metrics"):
        if found.get(part):
            parts += [Text(), Text(part), rows(found[part], list(found[part][0]))]
    return Group(*parts)


def rows(items: list[dict[str, Any]], names: list[str]) -> Table:
    table = columns(*(name.replace("_", " ") for name in names))
    for item in items:
        table.add_row(*(cell(item[name]) for name in names))
    return table


def version(parts: dict[str, int]) -> str:
    return f"{parts['major']}.{parts['minor']}.{parts['patch']}"


def _fallback(fallback: dict[str, Any]) -> str:
    return f"up to {fallback['max_targets']} more targets" if fallback["enabled"] else "off"


def _rules(rules: list[dict[str, Any]]) -> Table:
    table = columns("rule", "priority", "enabled", "when", "then")
    for rule in rules:
        when, then = _said(rule["match"]), _said(rule["action"])
        table.add_row(rule["name"], cell(rule["priority"]), cell(rule["enabled"]), when, then)
    return table


def _said(part: dict[str, Any]) -> str:
    """Only what the rule says something about."""
    return "; ".join(f"{name} {cell(value)}" for name, value in part.items() if value) or "always"


def _agents(agents: list[dict[str, Any]]) -> RenderableType:
    table = columns("id", "type", "version", "capabilities")
    for agent in agents:
        table.add_row(
            agent["id"], agent["agent_type"], version(agent["version"]), cell(agent["capabilities"])
        )
    return table
