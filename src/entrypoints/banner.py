"""The banner of `start`: where it listens, which providers are live, what is missing, and what to try."""

from __future__ import annotations

import socket

from llm_gateway.entrypoints.container import Container
from llm_gateway.entrypoints.container.client_access import is_loopback
from llm_gateway.entrypoints.unused_settings import unused_settings

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


def banner(container: Container, listener: socket.socket) -> str:
    settings = container.settings()
    live = container.live_configuration()
    configuration = live.configuration
    host, port = listener.getsockname()[:2]
    url = f"http://{_WILDCARDS.get(host, f'[{host}]' if ':' in host else host)}:{port}"
    lines = [f"llm-inference-gateway {settings.version} ({settings.platform_env}) listens on {url}"]
    for account in configuration.providers:
        if account.id == "lab" and settings.lab_url is not None:
            lines.append("  provider lab: EMBEDDED LAB, canned answers to try things out; no real model runs")
        elif account.usable:
            lines.append(f"  provider {account.id}: live ({account.base_url})")
        else:
            lines.append(f"  provider {account.id}: NO API KEY ({account.credential_reference or 'api_key'})")
    if not configuration.providers:
        lines.append("  NoHealthyProviders: set OPENAI_API_KEY, or write a gateway.yaml and pass --config")
    if not container.authenticate().required:
        lines.append("  no client keys: whoever reaches this port may use it")
        if is_loopback(host):
            lines.append(
                "  (loopback only; LLM_GATEWAY_API_KEYS, or LLM_GATEWAY_AUTH=none, opens it to others)"
            )
    if unused := unused_settings(settings, configuration):
        lines.append(f"  set, but not used: {', '.join(unused)}")
    if settings.lab_url is not None:
        lines += ["", *_try_it(url)]
    return "\n".join(lines)


def _try_it(url: str) -> list[str]:
    return [
        "Try it:",
        f"  curl {url}/v1/chat/completions -H 'Content-Type: application/json' \\",
        """    -d '{"model": "lab/echo", "messages": [{"role": "user", "content": "Hello"}]}'""",
        "",
        "  # pip install openai",
        "  from openai import OpenAI",
        f'  client = OpenAI(base_url="{url}/v1", api_key="unused")',
        '  for chunk in client.chat.completions.create(model="lab/lorem", stream=True,',
        '          messages=[{"role": "user", "content": "Hello"}]):',
        '      print(chunk.choices[0].delta.content or "", end="")',
    ]
