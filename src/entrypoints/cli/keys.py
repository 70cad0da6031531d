"""`llm-gateway keys …`: client keys."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

import typer

from llm_gateway.application.secret import Secret
from llm_gateway.domain.principal import Scope
from llm_gateway.entrypoints.cli.context import context_of
from llm_gateway.entrypoints.cli.output import as_yaml

keys = typer.Typer(help="Client keys.", no_args_is_help=True)
_BYTES = 32


@keys.callback()
def _commands() -> None:
    """With a callback, a single command keeps its name."""


@keys.command()
def create(
    context: typer.Context,
    id: Annotated[str, typer.Option("--id", help="How logs and status name the key.")] = "client",
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Whose requests it makes.")] = None,
    scopes: Annotated[
        list[str] | None, typer.Option("--scope", "-s", help=f"{', '.join(get_args(Scope))}.")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, max=36_500, help="For how long it is good; left out: for ever."),
    ] = None,
) -> None:
    """Make a client key: shown once, here; the configuration gets its digest."""
    wanted = scopes or ["inference"]
    for scope in wanted:
        if scope not in get_args(Scope):
            raise typer.BadParameter(
                f"{scope!r} is none of {', '.join(get_args(Scope))}", param_hint="--scope"
            )
    key = f"lgw-{secrets.token_urlsafe(_BYTES)}"
    entry: dict[str, Any] = {"id": id, "sha256": Secret(key).sha256()}
    if tenant is not None:
        entry["tenant"] = tenant
    entry["scopes"] = wanted
    if days is not None:
        entry["expires"] = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
    cli = context_of(context)
    if cli.json_output:
        cli.show_json({"key": key, "entry": entry})
        return
    typer.echo(f"key: {key}\n\nIt is not stored anywhere and not shown again. For gateway.yaml:\n")
    typer.echo(as_yaml({"auth": {"mode": "api_key", "keys": [entry]}}), nl=False)
