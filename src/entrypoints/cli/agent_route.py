"""`llm-gateway agent route`: where would a request go?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from llm_gateway.application.route_facts import route_facts
from llm_gateway.application.route_request import read_route_request
from llm_gateway.domain.errors import ConfigurationError, GatewayError
from llm_gateway.entrypoints.cli.context import context_of, fail, fail_configuration
from llm_gateway.entrypoints.cli.exit_code import ExitCode
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient
from llm_gateway.entrypoints.cli.output import FormatOption, columns, pairs, show
from llm_gateway.entrypoints.settings import load_settings


def route(
    context: typer.Context,
    model: Annotated[str, typer.Option("--model", "-m", help="A model id, an alias, or provider/model.")],
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Route as this tenant.")] = None,
    fallback: Annotated[
        bool | None, typer.Option("--fallback/--no-fallback", help="Allow fallback, or forbid it.")
    ] = None,
    form: FormatOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Leave no event and move no counter.")] = False,
    request_context: Annotated[
        str | None, typer.Option("--context", help="JSON object of metadata that rules may look at.")
    ] = None,
    priority: Annotated[str | None, typer.Option("--priority", help="The request's priority.")] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Decide here, on a configuration, without a gateway.")
    ] = False,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="gateway.yaml for --local.")] = None,
) -> None:
    """Decide where a request would go. Nothing is executed."""
    if config is not None and not local:
        raise typer.BadParameter("goes with --local only", param_hint="--config")
    body: dict[str, Any] = {"model": model, "dry_run": dry_run or local}
    wishes = {
        "tenant": tenant,
        "fallback": fallback,
        "priority": priority,
        "context": _context(request_context),
    }
    body.update({name: value for name, value in wishes.items() if value is not None})
    cli = context_of(context)
    answer = _decide_here(body, config) if local else GatewayClient(cli).post_json("/agents/route", body)
    show(cli, answer, _table, form)


def _context(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as exc:
        raise typer.BadParameter(f"is not JSON: {exc}", param_hint="--context") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("must be a JSON object", param_hint="--context")
    return value


def _decide_here(body: dict[str, Any], config: Path | None) -> dict[str, Any]:
    """The gateway's own use case. Always a dry run: there is no gateway whose event it could be."""
    from llm_gateway.entrypoints.container import tools

    try:
        asked = read_route_request(body)
        settings = load_settings(config=config)
        configuration = tools.written_configuration(settings)
        snapshot = configuration.snapshot()
        facts = route_facts(asked, snapshot, tenant=asked.tenant, headers={})
        plan = tools.offline_route(settings, configuration, snapshot)
        planned = asyncio.run(plan(facts, request_id="local", dry_run=True))
    except ConfigurationError as error:
        fail_configuration(error)
    except GatewayError as error:
        fail(error.message, ExitCode.USAGE)
    if planned.error is not None:
        fail(f"{planned.error.message} ({planned.error.code})")
    return planned.document()


def _table(answer: dict[str, Any]) -> RenderableType:
    output, decision = answer["output"], answer["output"]["decision"]
    head = pairs(
        [
            ("provider", output["provider_id"]),
            ("model", output["model"]),
            ("fallback", output["fallback_providers"]),
            ("strategy", decision["strategy"]),
            ("matched rules", decision["matched_rules"]),
            ("confidence", decision["confidence"]),
            ("estimated latency", _with_unit(output["estimated_latency_ms"], "ms")),
            ("estimated cost", _with_unit(output["estimated_cost"], "USD")),
            ("decided in", f"{decision['latency_us']} µs"),
            ("decision", answer["decision_id"] + (" (dry run: not recorded)" if answer["dry_run"] else "")),
        ]
    )
    steps = columns("phase", "action", "details")
    for step in output["routing_path"]:
        steps.add_row(step["phase"], step["action"], step.get("details") or "")
    return Group(head, Text(), steps)


def _with_unit(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.6g} {unit}"
