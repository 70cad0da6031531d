"""`llm-gateway drill`: what clients would see of each fault, with this configuration."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from llm_gateway.application.judge_drill import PROMISES
from llm_gateway.application.run_drill import DrillResult
from llm_gateway.domain.errors import ConfigurationError, ModelNotFound
from llm_gateway.entrypoints.cli.context import context_of, fail
from llm_gateway.entrypoints.cli.exit_code import ExitCode
from llm_gateway.entrypoints.settings import load_settings


def drill(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of gateway.yaml.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Default: the one with the most targets.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Run every named fault against a configuration, its providers replaced by labs on loopback.

    Nothing leaves this machine. Exit code 1 when a promise is broken.
    """
    # By name: the CLI and the HTTP entrypoint, which a drill runs, do not import each other.
    session = importlib.import_module("llm_gateway.entrypoints.drill.session")
    try:
        asked, results = session.drill(load_settings(config=config), model)
    except ConfigurationError as error:
        hint = f" ({error.hint})" if error.hint else ""
        fail(f"{error.message}{hint}", ExitCode.CONFIGURATION)
    except ModelNotFound as error:
        fail(error.message)
    cli = context_of(context)
    held = all(result.held for result in results)
    if json_output or cli.json_output:
        cases = [result.document() for result in results]
        cli.show_json({"model": asked, "held": held, "promises": dict(PROMISES), "cases": cases})
    else:
        _show(cli.console, asked, results)
    raise typer.Exit(ExitCode.OK if held else ExitCode.FAILURE)


def _show(console: Console, model: str, results: Sequence[DrillResult]) -> None:
    table = Table(title=f"Drill of {model}: every provider replaced by a lab", title_justify="left")
    for column in ("fault", "mode", "the client sees", "attempts", "promises"):
        table.add_column(column, overflow="fold")
    for result in results:
        document = result.document()
        saw = " ".join(str(value) for value in document["client"].values() if value is not None)
        broken = [verdict.promise for verdict in result.verdicts if verdict.broken is not None]
        promises = f"[red]broken: {', '.join(broken)}[/red]" if broken else "held"
        table.add_row(document["fault"], document["mode"], saw, _told(document["attempts"]), promises)
    console.print(table)
    for result in results:
        for verdict in result.verdicts:
            if verdict.broken is not None:
                console.print(f"[red]broken[/red] {result.case.name}: {verdict.promise}: {verdict.broken}")
                console.print(f"       the promise: {PROMISES[verdict.promise]}")
    failed = sum(not result.held for result in results)
    console.print(f"{len(results)} cases, {failed} with a broken promise.")


def _told(attempts: Sequence[str]) -> str:
    """`one/m=rejected:500 x3 > two/m=completed:200`."""
    runs = [(attempt, len(list(run))) for attempt, run in groupby(attempts)]
    return " > ".join(attempt if count == 1 else f"{attempt} x{count}" for attempt, count in runs) or "none"
