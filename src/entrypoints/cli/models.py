"""`llm-gateway models`."""

from __future__ import annotations

import typer
from rich.table import Table

from llm_gateway.entrypoints.cli.context import context_of
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient


def models(context: typer.Context) -> None:
    """List the models that the gateway offers."""
    cli = context_of(context)
    answer = GatewayClient(cli).get_json("/v1/models")
    if cli.json_output:
        cli.show_json(answer)
        return
    table = Table("model", "owned by", box=None, pad_edge=False)
    for model in answer["data"]:
        table.add_row(model["id"], model["owned_by"])
    cli.console.print(table)
