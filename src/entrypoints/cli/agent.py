"""`llm-gateway agent …`: the routing agent of a running gateway."""

from __future__ import annotations

import typer

from llm_gateway.entrypoints.cli.agent_inspect import inspect, list_agents
from llm_gateway.entrypoints.cli.agent_route import route
from llm_gateway.entrypoints.cli.agent_status import status

agent = typer.Typer(
    help="Ask the routing agent: where a request would go, and how it is.", no_args_is_help=True
)
agent.command("route")(route)
agent.command("inspect")(inspect)
agent.command("status")(status)
agent.command("list")(list_agents)
