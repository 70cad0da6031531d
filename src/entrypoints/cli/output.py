"""The three ways in which a command shows a document: a table for people, JSON or YAML for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer
import yaml
from rich.console import RenderableType
from rich.table import Column, Table

from llm_gateway.entrypoints.cli.context import CliContext


class OutputFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


FormatOption = Annotated[
    OutputFormat | None, typer.Option("--format", "-f", help="How to print it; `--json` means json.")
]


def show(
    cli: CliContext,
    document: Any,
    table: Callable[[Any], RenderableType],
    chosen: OutputFormat | None = None,
) -> None:
    """`table` makes the table of `document`, only when one is asked for."""
    form = chosen or (OutputFormat.JSON if cli.json_output else OutputFormat.TABLE)
    if form is OutputFormat.JSON:
        cli.show_json(document)
    elif form is OutputFormat.YAML:
        typer.echo(as_yaml(document), nl=False)
    else:
        cli.console.print(table(document))


def as_yaml(document: Any) -> str:
    # By way of JSON: it knows how to write enumerations and tuples, which YAML's safe dumper refuses.
    return yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, allow_unicode=True)


def columns(*names: str) -> Table:
    """A table that never cuts a value off: ids are there to be copied."""
    return Table(*(Column(name, overflow="fold") for name in names), box=None, pad_edge=False)


def pairs(rows: list[tuple[str, Any]]) -> Table:
    """Names and values, one a line; None and nothing are a dash."""
    table = columns("name", "value")
    table.show_header = False
    for name, value in rows:
        table.add_row(name, cell(value))
    return table


def cell(value: Any) -> str:
    if value is None or value == [] or value == {} or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={cell(item)}" for name, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
