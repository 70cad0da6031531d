"""The command line: global options, and every command from its own file."""

from __future__ import annotations

from typing import Annotated

import typer

from llm_gateway.entrypoints.cli.agent import agent
from llm_gateway.entrypoints.cli.audit import audit
from llm_gateway.entrypoints.cli.backtest import backtest
from llm_gateway.entrypoints.cli.chat import chat
from llm_gateway.entrypoints.cli.config import config
from llm_gateway.entrypoints.cli.context import CliContext
from llm_gateway.entrypoints.cli.drill import drill
from llm_gateway.entrypoints.cli.keys import keys
from llm_gateway.entrypoints.cli.lab import lab
from llm_gateway.entrypoints.cli.models import models
from llm_gateway.entrypoints.cli.replay import replay
from llm_gateway.entrypoints.cli.service import health, info
from llm_gateway.entrypoints.cli.start import start

DEFAULT_URL = "http://localhost:8080"

app = typer.Typer(
    name="llm-gateway",
    help="A controlled ingress to LLM execution: explainable, replayable routing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def globals_(
    context: typer.Context,
    url: Annotated[
        str, typer.Option("--url", "-u", envvar="GATEWAY_URL", help="The running gateway.")
    ] = DEFAULT_URL,
    api_key: Annotated[
        str | None,
        typer.Option("--api-key", "-k", envvar="GATEWAY_API_KEY", show_envvar=True, help="Your client key."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
) -> None:
    context.obj = CliContext(url=url, api_key=api_key, json_output=json_output, verbose=verbose)


app.command()(start)
app.command()(chat)
app.command()(models)
app.command()(health)
app.command()(info)
app.command()(lab)
app.command()(drill)
app.command()(replay)
app.command()(backtest)
app.add_typer(agent, name="agent")
app.add_typer(config, name="config")
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")


def run() -> None:
    app()
