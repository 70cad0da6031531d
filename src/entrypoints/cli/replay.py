"""`llm-gateway replay`: stored decisions made again, byte for byte, or shown where they differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from llm_gateway.application.replay_decision import ReplayDecision, ReplayReport
from llm_gateway.domain.errors import ConfigurationError, InvalidRequest, NotFound
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.entrypoints.cli.context import CliContext, context_of, fail, fail_configuration
from llm_gateway.entrypoints.cli.exit_code import ExitCode
from llm_gateway.entrypoints.cli.stored_records import NOT_DECIDABLE, records_in, spool_near
from llm_gateway.entrypoints.settings import load_settings


def replay(
    context: typer.Context,
    events: Annotated[
        list[str],
        typer.Argument(help="A spool directory, a file of records, - for standard input, or a decision id."),
    ],
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Decide on this gateway.yaml, not on the archived snapshot."),
    ] = None,
) -> None:
    """Make stored decisions again and prove the outputs byte for byte. Exit code 1 when one differs."""
    from llm_gateway.entrypoints.container import tools

    cli = context_of(context)
    try:
        settings = load_settings(config=config)
        spool = tools.spool_of(settings)
        snapshot = tools.written_configuration(settings).snapshot() if config is not None else None
    except ConfigurationError as error:
        fail_configuration(error)
    count, differing = 0, list[dict[str, Any]]()
    for source in events:
        replayed = ReplayDecision(tools.archive_of(spool_near(source, spool)))
        for place, record in records_in(source, spool):
            report = _replayed(replayed, place, record, snapshot)
            count += 1
            if report.exact:
                _say(cli, f"{report.decision_id}: exact")
            else:
                differing.append(_shown(cli, place, report))
    if cli.json_output:
        cli.show_json({"replayed": count, "exact": count - len(differing), "differing": differing})
    else:
        typer.echo(f"{count} decisions replayed, {count - len(differing)} byte for byte the same")
    if not count:
        fail("there was no decision to replay")
    if differing:
        raise typer.Exit(ExitCode.FAILURE)


def _replayed(
    replayed: ReplayDecision, place: str, record: dict[str, Any], snapshot: RoutingSnapshot | None
) -> ReplayReport:
    try:
        return replayed(record, snapshot=snapshot)
    except InvalidRequest as error:
        fail(f"{place}: {error.message}")
    except NotFound as error:
        fail(f"{place}: {error.message}; give the configuration of the time with --config")
    except NOT_DECIDABLE as error:
        fail(f"{place} is not the record of a decision: {type(error).__name__}: {error}")


def _shown(cli: CliContext, place: str, report: ReplayReport) -> dict[str, Any]:
    if not cli.json_output:
        typer.echo(f"{report.decision_id} ({place}) differs")
        for difference in report.differences:
            typer.echo(f"  {difference}")
    return {
        "decision_id": report.decision_id,
        "place": place,
        "differences": [
            {"path": d.path, "stored": d.stored, "recomputed": d.recomputed} for d in report.differences
        ],
    }


def _say(cli: CliContext, text: str) -> None:
    if cli.verbose and not cli.json_output:
        typer.echo(text)
