"""`llm-gateway lab`: the built-in upstream, alone."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from llm_gateway.entrypoints.cli.context import fail


def lab(
    host: Annotated[str, typer.Option("--host", help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 picks one.")] = 8090,
) -> None:
    """Run the lab: a deterministic upstream in three dialects, with named faults."""
    server = importlib.import_module("llm_gateway.entrypoints.lab.server")
    try:
        server.run(
            host, port, ready=lambda url: typer.echo(f"lab listens on {url} (canned answers, no model)")
        )
    except (ValueError, OSError) as exc:
        fail(f"cannot run the lab on {host}:{port}: {exc}")
