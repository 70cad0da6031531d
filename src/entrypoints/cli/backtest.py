"""`llm-gateway backtest`: what a draft configuration would have done with recorded decisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from llm_gateway.application.backtest_policy import BacktestPolicy, BacktestReport
from llm_gateway.domain.errors import ConfigurationError, InvalidRequest
from llm_gateway.entrypoints.cli.context import context_of, fail, fail_configuration
from llm_gateway.entrypoints.cli.exit_code import ExitCode
from llm_gateway.entrypoints.cli.output import FormatOption, columns, pairs, show
from llm_gateway.entrypoints.cli.stored_records import NOT_DECIDABLE, records_in, spool_near
from llm_gateway.entrypoints.settings import load_settings


def backtest(
    context: typer.Context,
    config: Annotated[Path, typer.Option("--config", "-c", help="The draft gateway.yaml.")],
    events: Annotated[
        str, typer.Option("--events", "-e", help="A spool directory, a file of records, or -.")
    ],
    threshold: Annotated[
        float, typer.Option("--threshold", min=0.0, max=1.0, help="Share of routes that may change.")
    ] = 0.1,
    form: FormatOption = None,
) -> None:
    """Decide recorded requests again on a draft. Exit code 1 when more routes change than the threshold
    allows, or when a request loses its last route."""
    from llm_gateway.entrypoints.container import tools

    cli = context_of(context)
    try:
        draft = tools.written_configuration(load_settings(config=config)).snapshot()
        spool = tools.spool_of(load_settings())
    except ConfigurationError as error:
        fail_configuration(error)
    policy = BacktestPolicy(tools.archive_of(spool_near(events, spool)))
    place = events

    def records() -> Iterator[dict[str, Any]]:
        nonlocal place
        for place, record in records_in(events, spool):  # noqa: B007 (nonlocal: the handlers below say it)
            yield record

    try:
        report = policy(records(), draft)
    except InvalidRequest as error:
        fail(f"{place}: {error.message}")
    except NOT_DECIDABLE as error:
        fail(f"{place} is not the record of a decision: {type(error).__name__}: {error}")
    if not report.decisions:
        fail(f"{events} holds no decision to test the draft with")
    exceeded = report.exceeds(threshold)
    document = {
        **_document(report),
        "snapshot_hash": draft.hash,
        "threshold": threshold,
        "exceeded": exceeded,
    }
    show(cli, document, _table, form)
    if exceeded:
        raise typer.Exit(ExitCode.FAILURE)


def _document(report: BacktestReport) -> dict[str, Any]:
    return {
        "decisions": report.decisions,
        "follow_ups": report.follow_ups,
        "changed": report.changed,
        "changed_share": report.changed_share,
        "newly_unroutable": report.newly_unroutable,
        "newly_routable": report.newly_routable,
        "cost": {
            "priced_decisions": report.priced,
            "before_usd": f"{report.cost_before.normalize():f}",
            "after_usd": f"{report.cost_after.normalize():f}",
            "delta_usd": f"{report.cost_delta.normalize():f}",
        },
        "unseen": list(report.unseen),
        "changes": [
            {
                "before": change.before,
                "after": change.after,
                "count": change.count,
                "examples": list(change.examples),
            }
            for change in report.changes
        ],
    }


def _table(found: dict[str, Any]) -> RenderableType:
    cost = found["cost"]
    head = pairs(
        [
            ("decisions", found["decisions"]),
            ("follow-ups, not decided again", found["follow_ups"]),
            ("changed", f"{found['changed']} ({found['changed_share']:.1%})"),
            ("newly unroutable", found["newly_unroutable"]),
            ("newly routable", found["newly_routable"]),
            ("cost delta", _cost(cost)),
            ("not in the records", found["unseen"]),
            ("verdict", "above the threshold" if found["exceeded"] else "within the threshold"),
        ]
    )
    if not found["changes"]:
        return head
    table = columns("before", "after", "count", "for example")
    for change in found["changes"]:
        table.add_row(change["before"], change["after"], str(change["count"]), change["examples"][0])
    return Group(head, Text(), table)


def _cost(cost: dict[str, Any]) -> str | None:
    if not cost["priced_decisions"]:
        return None
    return (
        f"{cost['delta_usd']} USD ({cost['before_usd']} to {cost['after_usd']}, "
        f"{cost['priced_decisions']} decisions with known prices)"
    )
