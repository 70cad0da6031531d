"""`llm-gateway health` and `llm-gateway info`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import httpx
import typer

from llm_gateway.entrypoints.cli.context import CliContext, context_of, fail
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient


def health(context: typer.Context) -> None:
    """Is the gateway healthy and ready? Exit code 0 only when it is."""
    cli = context_of(context)
    client = GatewayClient(cli)
    document = {**_document(cli, client.get("/health")), **_document(cli, client.get("/ready"), "ready")}
    status, ready = document["status"], document["ready"]
    _show(cli, document)
    if status == "unhealthy" or not ready:
        raise typer.Exit(1)


def info(context: typer.Context) -> None:
    """What runs where: this command's version and the gateway's."""
    cli = context_of(context)
    answer = _document(cli, GatewayClient(cli).get("/health"))
    _show(cli, {"url": cli.url, "cli_version": version("llm-inference-gateway"), **answer})


def _document(cli: CliContext, answer: httpx.Response, member: str = "status") -> dict[str, Any]:
    """The body of a probe, whatever its status code; ends the command when it is no gateway's."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict) or member not in document:
        fail(f"{cli.url} answered something else than health: is it an llm-gateway?")
    return document


def _show(cli: CliContext, document: dict[str, Any]) -> None:
    if cli.json_output:
        cli.show_json(document)
        return
    for key, value in document.items():
        shown = ", ".join(value) or "-" if isinstance(value, list) else value
        cli.console.print(f"{key.replace('_', ' ')}: {shown}", markup=False)
