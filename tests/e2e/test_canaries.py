"""A secret in every place that has one, through everything that happens to a gateway: none comes out."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from typer.testing import CliRunner

from llm_gateway.entrypoints.cli.app import app
from tests.e2e.canaries import Canaries, overheard
from tests.e2e.child import PATIENCE_S, Child, clean_environment, wait_for
from tests.e2e.gateway_process import COMMAND, GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.e2e.ruvector_process import RuvectorProcess
from tests.fakes.secret_manager import secret_manager

CHAT = "/v1/chat/completions"
CLIENT, WRONG, INLINE = "canary-client-7b1d", "canary-wrong-7b1d", "canary-inline-7b1d"
ENVIRONMENT = {
    "PROVIDER_CANARY": "canary-provider-7b1d",
    "OPENAI_API_KEY": "canary-customary-7b1d",
    "LLM_GATEWAY_API_KEYS": "canary-environment-7b1d",
    "RUVECTOR_API_KEY": "canary-events-7b1d",
    "OPTIMIZER_WEBHOOK_SECRET": "canary-optimizer-7b1d",
    "GATEWAY_SHARED_SECRET": "canary-signing-7b1d",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer canary-traces-7b1d",
    "HTTP_PROXY": "http://user:canary-proxy-7b1d@127.0.0.1:9",
    "PYTHONFAULTHANDLER": "1",
}
ELSEWHERE = ["canary-traces-7b1d", "canary-proxy-7b1d", "canary-mounted-7b1d", "canary-managed-7b1d"]
FILE = """
providers:
{lab}
  - {{id: env, type: vllm, base_url: "http://127.0.0.1:9", models: [dead], api_key: "${{PROVIDER_CANARY}}"}}
  - {{id: customary, type: openai, base_url: "{url}/v1", models: [lab/429, lab/500, lab/200-with-error]}}
  - {{id: mounted, type: vllm, base_url: "http://127.0.0.1:9", api_key_secret: mounted, models: [x]}}
  - {{id: managed, type: google, base_url: "http://127.0.0.1:9", api_key_secret: managed, models: [y]}}
  - id: inline
    type: anthropic
    base_url: http://behind-a-proxy.invalid
    api_key: {inline}
    headers: {{x-api-secret: canary-header-7b1d}}
    options: {{a_token: canary-option-7b1d}}
    models: [proxied]
  - id: tls
    type: openai_compatible
    base_url: https://127.0.0.1:9
    tls: {{client_certificate: "{pem}", client_key: "{pem}"}}
    models: [z]
routing:
  aliases: {{falls: [env/dead, lab/lab/echo]}}
  rules: [{{name: all, match: {{}}, action: {{add_headers: {{x-rule-token: canary-rule-7b1d}}}}}}]
resilience: {{retry: {{max_attempts: 1}}, bulkhead: {{queue_timeout: 10ms}}}}
telemetry: {{access_log: true}}
auth: {{keys: [{{id: client, sha256: {digest}, scopes: [admin]}}]}}
"""
MODELS = ("lab/echo", "falls", "dead", "proxied", "lab/429", "lab/500", "lab/200-with-error", "nobody's")
ASKED: list[tuple[str, str, Any]] = [
    *(("POST", CHAT, {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream})
      for model in MODELS
      for stream in (False, True)),
    *(("POST", CHAT, body) for body in ([], {"model": 1}, {"model": "a", "messages": 1})),
    *(("POST", f"/agents/route{end}", {"model": "falls"}) for end in ("", "/audit")),
    ("POST", "/agents/rules/updates", {"id": "x"}),
    *(("GET", path, None) for path in (
        "/agents", "/agents/inspect?detailed=true", "/agents/status", "/agents/health", "/v1/models",
        "/api/v1/weights", "/api/v1/routing/decisions", "/api/v1/traffic/stats", "/metrics", "/openapi.json",
        "/health", "/ready", "/nowhere")),
]  # fmt: skip


@dataclass(frozen=True)
class Scene:
    gateway: GatewayProcess
    text: str

    def ask_everything(self) -> None:
        with httpx.Client(base_url=self.gateway.url, trust_env=False) as http:
            for key in (CLIENT, ENVIRONMENT["LLM_GATEWAY_API_KEYS"], WRONG, f"{WRONG}.a.b"):
                for method, path, body in ASKED:
                    http.request(method, path, json=body, headers={"authorization": f"Bearer {key}"})

    def reload(self, text: str, said: str) -> None:
        (self.gateway.directory / "gateway.yaml").write_text(text)
        wait_for(lambda: said in self.gateway.stderr)


@pytest.fixture
def scene(lab: LabProcess, tmp_path: Path) -> Iterator[Scene]:
    pem = tmp_path / "client.pem"
    trustme.CA().issue_cert("client").private_key_and_cert_chain_pem.write_to_path(str(pem))
    (tmp_path / "mounted").write_text("canary-mounted-7b1d\n")
    text = FILE.format(
        lab=lab.provider("lab"),
        url=lab.url,
        inline=INLINE,
        pem=pem,
        digest=sha256(CLIENT.encode()).hexdigest(),
    )
    with ExitStack() as stack:
        google = stack.enter_context(secret_manager())
        google.secrets = {"managed": ["canary-managed-7b1d"]}
        ruvector = RuvectorProcess(tmp_path / "ruvector").start()
        stack.callback(ruvector.stop)
        more = {
            **google.environment(),
            "LLM_GATEWAY_SECRETS_DIR": str(tmp_path),
            "RUVECTOR_SERVICE_URL": ruvector.url,
            "NO_PROXY": "127.0.0.1",
        }
        gateway = stack.enter_context(
            running_gateway("--log-level", "debug", configuration=text, environment={**ENVIRONMENT, **more})
        )
        of_the_key = pem.read_text().splitlines()[1]
        named = [
            CLIENT,
            WRONG,
            INLINE,
            of_the_key,
            *ELSEWHERE,
            *(f"canary-{n}-7b1d" for n in ("header", "option", "rule")),
        ]
        gateway.canaries.secrets += [secret.encode() for secret in named]
        yield Scene(gateway, text)


def test_no_secret_comes_out_of_a_gateway_that_is_asked_reloaded_and_killed(scene: Scene) -> None:
    """Requests of every kind, a reload, a refused one with the key in it, commands, a crash with its stack.

    What is searched, and when, is in canaries.py; here the commands' output is added to it.
    """
    gateway = scene.gateway
    scene.ask_everything()
    scene.reload(scene.text + "server: {max_body: 1MiB}\n", "configuration accepted")
    scene.reload(scene.text.replace("models: [proxied]", f"moodels: [{INLINE}]"), "configuration refused")
    scene.ask_everything()
    for command in (["agent", "inspect", "--detailed"], ["chat", "hi", "--model", "dead"]):
        environment = clean_environment({"GATEWAY_URL": gateway.url, "GATEWAY_API_KEY": CLIENT})
        done = subprocess.run([*COMMAND, *command], env=environment, capture_output=True, timeout=PATIENCE_S)
        gateway.canaries.look(done.stdout + done.stderr, " ".join(command))
    events = gateway.directory / "spool"
    assert any(path.stat().st_size for path in events.rglob("*.jsonl"))
    gateway.signal(signal.SIGABRT)
    gateway.exit_code()
    assert "Fatal Python error: Aborted" in gateway.stderr
    # The gateway's own `stop` has the last word: it looks at everything and fails.


SECRET = "canary-written-7b1d"
PROVIDER = "providers: [{{id: a, type: openai, models: [m], {0}}}]"
BROKEN = [
    PROVIDER.format(part) + rest
    for part, rest in [
        (f"api_key: {SECRET}", "\nbad: [\n"),
        (f"api_key: {SECRET}, models: [", ""),
        (f"api_key: x:{SECRET}: y", ""),
        (f"api_key: [{SECRET}]", ""),
        (f"api_key: {{x: {SECRET}}}", ""),
        (f"api-key: {SECRET}", ""),
        (f"api_key: {SECRET}, api_key: {SECRET}", ""),
        (f"api_key: {SECRET}, api_key_secret: b", ""),
        (f"api_key: !secret {SECRET}", ""),
        (f'api_key: "{SECRET}é"', ""),
        (f'api_key: "{SECRET}\\nb"', ""),
        (f'api_key: "{SECRET}${{"', ""),
        (f'api_key: "${{NOT_SET:-{SECRET}"', ""),
        (f'api_key: x, base_url: "https://u:{SECRET}@h/v1"', ""),
        (f'api_key: x, base_url: "https://h/v1?key={SECRET}"', ""),
        (f'api_key: x, base_url: "https://h:{SECRET}/v1"', ""),
        (f'api_key: x, headers: {{x-key: "{SECRET}\\r\\n"}}', ""),
        (f'api_key: x, headers: {{"x key": {SECRET}}}', ""),
        (f"api_key: x, headers: {{x-key: [{SECRET}]}}", ""),
        (f"api_key: x, headers: {{host: {SECRET}}}", ""),
        ("api_key: x", f"\nauth: {{keys: [{{id: a, sha256: {SECRET}}}]}}"),
        ("api_key: x", f"\nauth: {{keys: {SECRET}}}"),
        ("api_key: x", f'\nauth: {{jwt: {{issuer: i, audience: a, jwks_url: "https://u:{SECRET}@h"}}}}'),
        ("api_key: x", f'\nrouting: {{rules: [{{name: r, action: {{add_headers: {{"a b": {SECRET}}}}}}}]}}'),
        ("api_key: x", f"\napi_key: {SECRET}"),
    ]
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_refused_configuration_is_not_quoted_where_its_secrets_are(tmp_path: Path, text: str) -> None:
    """Whatever is wrong with it, at its place or beside it."""
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    for command in ("validate", "show"):
        done = CliRunner().invoke(app, ["config", command, "--config", str(path)])
        assert done.exit_code == 78 and done.output
        assert SECRET not in done.output + str(done.exception)


@pytest.mark.parametrize(
    "environment",
    [
        {"OPENAI_API_KEY": f"{SECRET}é"},
        {"RUVECTOR_SERVICE_URL": f"https://u:{SECRET}@h"},
        {"PLATFORM_ENV": "prod", "OPENAI_API_KEY": SECRET},
    ],
)
def test_a_refused_start_does_not_repeat_its_environment(tmp_path: Path, environment: dict[str, str]) -> None:
    """One line, exit code 78."""
    child = Child((*COMMAND, "start", "--port", "0"), tmp_path / "start", environment)
    assert child.exit_code() == 78
    assert child.stderr.count("\n") == 1 and SECRET not in child.stdout + child.stderr


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """Cut in two by a socket, in a file, and in what any socket of this process receives."""
    canaries = Canaries({"A_KEY": "one-canary,another-canary"}, "api_key: written-canary")
    canaries.heard(b"one-ca")
    canaries.heard(b"nary")
    (tmp_path / "file").write_text(json.dumps({"x": "written-canary"}))
    canaries.look_around((tmp_path,), 1)
    with overheard(), socket.create_server(("127.0.0.1", 0)) as server:
        canaries.listen(server.getsockname()[1])
        with socket.create_connection(server.getsockname()) as client, server.accept()[0] as peer:
            peer.sendall(b"another-canary")
            client.recv(100)
    with pytest.raises(AssertionError), suppress(OSError):
        canaries.assert_none_seen()
    assert {seen.split()[0] for seen in canaries.seen} == {"one-canary", "written-canary", "another-canary"}
