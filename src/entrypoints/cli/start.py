"""`llm-gateway start`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated

import typer

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.cli.context import fail, fail_configuration
from llm_gateway.entrypoints.settings import load_settings


def start(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Path of gateway.yaml.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=0, max=65535, help="Port to listen on; 0 picks one.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=256, help="Processes.")] = None,
    lab: Annotated[bool, typer.Option("--lab", help="Also serve the built-in lab as lab/* models.")] = False,
    log_level: Annotated[str | None, typer.Option("--log-level", help="debug, info, warning, error.")] = None,
) -> None:
    """Start the gateway. Prints where it listens, which providers are live and what is missing."""
    if log_level is not None and log_level not in ("debug", "info", "warning", "error"):
        raise typer.BadParameter(
            f"{log_level!r} is none of debug, info, warning, error", param_hint="--log-level"
        )
    # By name, as uvicorn takes applications: the CLI and the HTTP entrypoint do not import each other.
    serving = importlib.import_module("llm_gateway.entrypoints.serve")
    try:
        settings = load_settings(
            config=config, host=host, port=port, workers=workers, lab=lab or None, log_level=log_level
        )
        code = serving.serve(settings)
    except ConfigurationError as error:
        fail_configuration(error)
    except serving.StartFailed as error:
        fail(str(error))
    raise typer.Exit(code)
