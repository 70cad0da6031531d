"""PolicyPeers: Policy-Engine and Shield on one real socket, with the quirks of contracts.md §6."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.fakes.loopback_server import LoopbackServer, Peer, Received

_KNOWN_PROVIDERS = {"anthropic", "openai", "google", "azure"}
_LONGEST = 100_000
_FAILURES: dict[str, tuple[int, object]] = {
    "broken": (500, {"success": True, "data": {"allowed": True}, "isValid": True}),
    "garbage": (200, b"<html>"),
    "array": (200, [True]),
    "deep": (200, b"[" * 60_000),
    "lying": (200, {"success": True, "allowed": True, "data": {"allowed": "yes"}, "isValid": 1}),
    "huge": (200, {"isValid": True, "padding": "x" * 70_000}),
}


class PolicyPeers:
    """`denied` are provider words or model names that the engine says no to; a prompt that holds `attack`
    does not pass the scan. `mode` is `up`, `slow`, `cut` or one of _FAILURES; `posts` are what came, with
    path and headers."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.mode = "up"
        self.posts: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.server = LoopbackServer(self._handle)

    async def _handle(self, received: Received, peer: Peer) -> None:
        path, headers = _head(received.head)
        document = json.loads(received.body)
        self.posts.append((path, headers, document))
        if self.mode == "slow":
            await asyncio.Event().wait()
        elif self.mode == "cut":
            peer.cut()
        elif self.mode in _FAILURES:
            await _send(peer, *_FAILURES[self.mode])
        elif not headers.get("x-execution-id") or not headers.get("x-parent-span-id"):
            await _send(peer, 400, {"success": False, "error": "missing execution context"})
        elif path.endswith("/v1/policy-engine/enforce"):
            await _send(peer, 200, {"success": True, "data": self._enforced(document["context"])})
        elif path.endswith("/v1/scan/prompt"):
            await _send(peer, *_scanned(document["prompt"]))
        else:
            await _send(peer, 404, {"error": "Not Found"})

    def _enforced(self, context: dict[str, Any]) -> dict[str, Any]:
        llm, user = context["llm"], context["user"]
        rules = {
            "max-tokens-required": not llm.get("max_tokens"),
            "execute-permission": "model:execute" not in user["permissions"],
            "known-providers": llm["provider"] not in _KNOWN_PROVIDERS,
            "denied": bool({llm["provider"], llm["model"]} & self.denied),
        }
        violated = [
            {"rule_id": name, "severity": "high", "reason": f"{name} is violated"}
            for name, bad in rules.items()
            if bad
        ]
        return {
            "allowed": not violated,
            "violated_rules": violated,
            "matched_rules": list(rules),
            "decision_rationale": "evaluated",
        }


def _scanned(prompt: str) -> tuple[int, dict[str, Any]]:
    if not 1 <= len(prompt) <= _LONGEST:
        return 400, {"error": "prompt: 1..100000 characters"}
    valid = "attack" not in prompt
    findings = [{"scanner": "injection", "match": prompt}]
    return 200, {"isValid": valid, "riskScore": 0.0 if valid else 0.97, "scannerResults": findings}


async def _send(peer: Peer, status: int, answer: object) -> None:
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    await peer.send(head.encode() + content)


def _head(head: bytes) -> tuple[str, dict[str, str]]:
    first, *fields = head.decode("latin-1").split("\r\n")
    pairs = (field.partition(":") for field in fields if field)
    return first.split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs}
