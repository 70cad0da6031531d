"""`llm-gateway config …`: the configuration file, and the versions that were in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.configuration_template import TEMPLATE
from llm_gateway.application.show_configuration import show_configuration
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.errors import ConfigurationError, NotFound
from llm_gateway.entrypoints.cli.context import context_of, fail, fail_configuration
from llm_gateway.entrypoints.cli.output import FormatOption, OutputFormat, as_yaml, columns, show
from llm_gateway.entrypoints.settings import Settings, load_settings

config = typer.Typer(
    help="The configuration file, and the versions that were in force.", no_args_is_help=True
)
ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="Path of gateway.yaml.")]


@config.command("show")
def show_effective(context: typer.Context, path: ConfigOption = None, form: FormatOption = None) -> None:
    """Print what would be in force, defaults included, every credential masked."""
    cli = context_of(context)
    document = show_configuration(_read(_settings(path)))
    show(cli, document, as_yaml, form or (None if cli.json_output else OutputFormat.YAML))


@config.command()
def validate(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="The file; without one, LLM_GATEWAY_CONFIG.")] = None,
    path: ConfigOption = None,
) -> None:
    """Check the file. Exit code 78 and every mistake with its line when there is one."""
    cli = context_of(context)
    settings = _settings(file or path)
    configuration = _read(settings)
    document = {
        "valid": True,
        "providers": len(configuration.providers),
        "rules": len(configuration.routing.rules),
        "snapshot_hash": configuration.snapshot().hash,
    }
    if cli.json_output:
        cli.show_json(document)
        return
    typer.echo(
        f"{settings.config or 'environment'} is valid: {document['providers']} providers, "
        f"{document['rules']} rules, snapshot {document['snapshot_hash']}"
    )


@config.command()
def init(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write it; - prints it.")] = Path(
        "gateway.yaml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write a first gateway.yaml: valid as it stands, every section explained."""
    if str(output) == "-":
        typer.echo(TEMPLATE, nl=False)
        return
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        fail(f"{output} is there already; --force replaces it")
    except OSError as exc:
        fail(f"{output}: {exc.strerror}")
    typer.echo(f"wrote {output}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of gateway.yaml, for editors."""
    from llm_gateway.entrypoints.container import tools

    typer.echo(json.dumps(tools.configuration_schema(), indent=2, ensure_ascii=False))


@config.command()
def history(context: typer.Context, path: ConfigOption = None, form: FormatOption = None) -> None:
    """List the versions that were in force, newest first."""
    from llm_gateway.entrypoints.container import tools

    try:
        versions = tools.written_stores(_settings(path)).history.list()
    except ConfigurationError as error:
        fail_configuration(error)
    except OSError as exc:
        fail(f"the history cannot be read: {exc.strerror}")
    document = [
        {
            "id": version_id,
            "recorded_at": timestamp(version.recorded_at),
            "reason": version.reason,
            "snapshot_hash": version.snapshot_hash,
            "changes": len(version.changes),
        }
        for version_id, version in versions
    ]
    show(context_of(context), document, _versions, form)


@config.command()
def revert(
    context: typer.Context,
    version_id: Annotated[str, typer.Argument(help="An id of `config history`.")],
    path: ConfigOption = None,
) -> None:
    """Write an earlier version back. Running gateways see it and reload."""
    from llm_gateway.entrypoints.container import tools

    try:
        version = tools.revert_configuration(_settings(path))(version_id)
    except ConfigurationError as error:
        fail_configuration(error)
    except NotFound as error:
        fail(f"{error.message}; see `llm-gateway config history`")
    cli = context_of(context)
    if cli.json_output:
        cli.show_json({"reverted_to": version_id, "snapshot_hash": version.snapshot_hash})
    else:
        typer.echo(f"reverted to {version_id} of {timestamp(version.recorded_at)} ({version.reason})")


def _settings(path: Path | None) -> Settings:
    try:
        return load_settings(config=path)
    except ConfigurationError as error:
        fail_configuration(error)


def _read(settings: Settings) -> GatewayConfiguration:
    from llm_gateway.entrypoints.container import tools

    try:
        return tools.written_configuration(settings)
    except ConfigurationError as error:
        fail_configuration(error)


def _versions(versions: list[dict[str, Any]]) -> RenderableType:
    table = columns("id", "recorded at", "reason", "snapshot", "changes")
    for version in versions:
        changes = str(version["changes"] or "-")
        table.add_row(
            version["id"], version["recorded_at"], version["reason"], version["snapshot_hash"][:12], changes
        )
    return table
