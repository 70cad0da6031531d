"""The log: JSON lines that can be told apart by request, and that tell no secret."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway

SECRETS = {"LLM_GATEWAY_API_KEYS": "client-canary-1", "OPENAI_API_KEY": "provider-canary-2"}
PROMPT = "prompt-canary-3"
CHAT = {"model": "lab/echo", "messages": [{"role": "user", "content": PROMPT}]}


def test_every_line_is_an_object(gateway: GatewayProcess) -> None:
    """With the members that a log collector looks for."""
    for line in gateway.logs():
        assert {"time", "level", "severity", "logger", "message", "service"} <= line.keys()
        assert line["time"].endswith("Z") and line["service"] == "llm-inference-gateway"


def test_no_secret_and_no_prompt_is_left_anywhere() -> None:
    """Not on the terminal, not in the log, not in the spool, whatever goes wrong."""
    with running_gateway("--lab", "--log-level", "debug", environment=SECRETS) as gateway:
        key = {"authorization": "Bearer client-canary-1"}
        with httpx.Client(base_url=gateway.url, headers=key, trust_env=False) as http:
            for model in ("lab/echo", "lab/500", "lab/cut@2", "lab/garbage-headers", "nobody"):
                answer = http.post("/v1/chat/completions", json={**CHAT, "model": model, "n": 1})
                assert "canary" not in answer.text.replace(PROMPT, "") or model == "lab/echo"
        spool = [path for path in (gateway.directory / "spool").rglob("*") if path.is_file()]
        written = "".join(path.read_text(errors="replace") for path in spool)
        assert "nobody" in written
        assert "canary" not in gateway.stdout + gateway.stderr + written


def test_requests_are_found_by_their_id(gateway: GatewayProcess) -> None:
    """The decision of a request carries the id that the client was told."""
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions",
        json=CHAT,
        headers={"x-request-id": "ticket-4712"},
        trust_env=False,
    )
    wait_for(lambda: [e for e in events(gateway) if "request:ticket-4712" in e["evidence_refs"]])
    found = next(e for e in events(gateway) if "request:ticket-4712" in e["evidence_refs"])
    assert found["execution_ref"] == answer.headers["x-decision-id"]


def events(gateway: GatewayProcess) -> list[dict[str, object]]:
    paths: list[Path] = sorted((gateway.directory / "spool").rglob("*.jsonl"))
    lines = [line for path in paths for line in path.read_bytes().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]  # the last may be half written
