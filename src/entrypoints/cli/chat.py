"""`llm-gateway chat`: one message through the gateway."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import typer

from llm_gateway.entrypoints.cli.context import context_of, fail
from llm_gateway.entrypoints.cli.gateway_client import GatewayClient

_PATH = "/v1/chat/completions"


def chat(
    context: typer.Context,
    message: Annotated[str, typer.Argument(help="What to say.")],
    model: Annotated[str, typer.Option("--model", "-m", help="A model id, see `llm-gateway models`.")],
    system: Annotated[str | None, typer.Option("--system", help="A system message.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Print the answer as it comes.")] = False,
) -> None:
    """Send one message and print the answer."""
    cli = context_of(context)
    messages = [{"role": "system", "content": system}] if system is not None else []
    messages.append({"role": "user", "content": message})
    body: dict[str, Any] = {"model": model, "messages": messages}
    client = GatewayClient(cli)
    if not stream:
        answer = client.post_json(_PATH, body)
        if cli.json_output:
            cli.show_json(answer)
        else:
            typer.echo(answer["choices"][0]["message"].get("content") or "")
        return
    with client.stream(_PATH, {**body, "stream": True}) as response:
        for chunk in _chunks(response):
            if cli.json_output:
                sys.stdout.write(json.dumps(chunk, ensure_ascii=False) + "\n")
            else:
                for choice in chunk.get("choices", ()):
                    sys.stdout.write(choice.get("delta", {}).get("content") or "")
            sys.stdout.flush()
    if not cli.json_output:
        sys.stdout.write("\n")


def _chunks(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The stream's chunks. Ends the command when the stream says an error or stops without `[DONE]`."""
    buffer = b""
    for data in response.iter_raw():
        *events, buffer = (buffer + data).split(b"\n\n")
        for event in events:
            if event == b"data: [DONE]":
                return
            if not event.startswith(b"data: "):
                continue
            chunk = json.loads(event[6:])
            if "error" in chunk:
                fail(f"the stream was cut: {chunk['error']['message']} ({chunk['error']['code']})")
            yield chunk
    fail("the stream ended without its end: the answer above is not complete")
