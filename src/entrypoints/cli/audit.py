"""`llm-gateway audit …`: the decision log as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from llm_gateway.application.verify_audit import ChainReport, VerifyAudit
from llm_gateway.entrypoints.cli.context import context_of, fail
from llm_gateway.entrypoints.cli.exit_code import ExitCode
from llm_gateway.entrypoints.cli.output import FormatOption, columns, show

audit = typer.Typer(help="The decision log as evidence.", no_args_is_help=True)


@audit.callback()
def _commands() -> None:
    """With a callback, a single command keeps its name."""


@audit.command()
def verify(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A spool, a worker's directory, or one segment.")],
    form: FormatOption = None,
) -> None:
    """Walk along the hash chains. Exit code 1 and the first broken link of each when one is broken."""
    from llm_gateway.entrypoints.container import tools

    cli = context_of(context)
    try:
        reports = VerifyAudit()(tools.audit_trail(directory))
    except OSError as exc:
        fail(str(exc) if exc.strerror is None else f"{directory}: {exc.strerror}")
    if not reports:
        fail(f"no decision log in {directory}")
    show(cli, [_document(report) for report in reports], _table, form)
    broken = [report for report in reports if report.broken is not None]
    for report in broken:
        assert report.broken is not None
        typer.echo(f"llm-gateway: {report.broken.place} {report.broken.problem}", err=True)
    if broken:
        raise typer.Exit(ExitCode.FAILURE)


def _document(report: ChainReport) -> dict[str, Any]:
    broken = report.broken
    return {
        "chain": report.chain,
        "records": report.records,
        "begins_at": report.begins_at,
        "missing": report.missing,
        "sound": broken is None,
        "broken": None if broken is None else {"place": broken.place, "problem": broken.problem},
    }


def _table(reports: list[dict[str, Any]]) -> RenderableType:
    table = columns("chain", "sound records", "begins at", "missing", "verdict")
    for report in reports:
        table.add_row(
            report["chain"],
            str(report["records"]),
            str(report["begins_at"] or "-"),
            str(report["missing"]),
            "sound" if report["sound"] else f"BROKEN at {report['broken']['place']}",
        )
    return table
