"""CliContext: the global options, and the ways a command says something or ends."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import typer
from rich.console import Console

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.cli.exit_code import ExitCode

_WIDE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CliContext:
    """`json_output` True: standard output holds one JSON document and nothing else."""

    url: str
    api_key: str | None
    json_output: bool
    verbose: bool

    def show_json(self, document: Any) -> None:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    @property
    def console(self) -> Console:
        console = Console(highlight=False, soft_wrap=True)
        if not console.is_terminal:
            console.width = _WIDE  # a pipe has no width: nothing is to be folded for it
        return console


def context_of(context: typer.Context) -> CliContext:
    found = context.find_object(CliContext)
    assert found is not None  # the callback of the top-level command sets it
    return found


def fail(message: str, code: ExitCode = ExitCode.FAILURE) -> NoReturn:
    """One line on standard error that says what to do, and the exit code."""
    typer.echo(f"llm-gateway: {' '.join(message.split())}", err=True)
    raise typer.Exit(code)


def fail_configuration(error: ConfigurationError) -> NoReturn:
    """Every mistake on a line of its own on standard error, each with its way out; exit code 78."""
    for mistake in (error, *error.others):
        hint = f" ({mistake.hint})" if mistake.hint and mistake.hint not in mistake.message else ""
        typer.echo(f"llm-gateway: {' '.join(mistake.message.split())}{hint}", err=True)
    raise typer.Exit(ExitCode.CONFIGURATION)
