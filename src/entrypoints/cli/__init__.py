"""The `llm-gateway` command."""

from __future__ import annotations


def main() -> None:
    """Entry point; imports what it needs only now, so that importing the package costs nothing."""
    from llm_gateway.entrypoints.cli.app import run

    run()
