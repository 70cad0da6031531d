"""What verify.sh expects of each answer: `expectations.py NAME ARGUMENTS`; standard library of Python >= 3.9.

Prints what it found. Exit code 0: as it must be; 1: not, with the reason; 3: does not apply here.
"""

# ruff: noqa: PTH123 - pathlib would be a fifth of the time that a call takes
from __future__ import annotations

import json
import os
import re
import sys

TYPE_CHECKING = False  # verify.sh starts this two dozen times: what only annotations need is not imported
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

AGENT = "inference-routing-agent"
METRICS = ("llm_gateway_requests_total", "llm_gateway_decisions_total", "llm_gateway_build_info")
_SAMPLE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_SUFFIX = re.compile(r"_(bucket|sum|count)$")


class Unmet(Exception):
    """The answer is not as it must be."""


class NotApplicable(Exception):
    """There is nothing to check here."""


def need(condition: object, reason: str) -> None:
    if not condition:
        raise Unmet(reason)


def text_of(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read(path: str) -> Any:
    text = text_of(path)
    try:
        return json.loads(text)
    except ValueError:
        raise Unmet(f"not JSON: {text[:200]!r}") from None


def answer(path: str, status: str) -> Any:
    """The JSON of an answer that must be 200; otherwise the gateway's own message is the reason."""
    if status != "200":
        raise Unmet(f"status {status}: {' '.join(text_of(path).split())[:300]}")
    return read(path)


def member(document: Any, *names: str) -> Any:
    """The member at the end of the path. Raises Unmet that names it."""
    for position, name in enumerate(names, 1):
        if not isinstance(document, dict) or name not in document:
            raise Unmet(f"the answer has no {'.'.join(names[:position])}")
        document = document[name]
    return document


def health(path: str, status: str, environment: str) -> str:
    found = answer(path, status)
    need(member(found, "status") in ("healthy", "degraded"), f"status is {found['status']!r}")
    said = member(found, "environment")
    need(environment in ("", said), f"the gateway says it is {said!r}, not {environment!r}")
    return f"{found['status']}, version {member(found, 'version')}, {said}"


def live(path: str, status: str, _: str) -> str:
    found = member(answer(path, status), "status")
    need(found == "alive", f"status is {found!r}")
    return "alive"


def ready(path: str, status: str, _: str) -> str:
    need(member(answer(path, status), "ready") is True, "ready is not true")
    return "ready"


def agents(path: str, status: str, _: str) -> str:
    found = answer(path, status)
    need(isinstance(found, list), "not a list")
    need(AGENT in [agent.get("id") for agent in found if isinstance(agent, dict)], f"{AGENT} is not listed")
    return AGENT


def models(path: str, status: str, _: str) -> str:
    found = member(answer(path, status), "data")
    need(isinstance(found, list) and found, "no model is offered")
    return f"{len(found)} models"


def inspect(path: str, status: str, key: str) -> str:
    found = answer(path, status)
    need(member(found, "provider_count") > 0, "no provider is configured")
    need(re.fullmatch("[0-9a-f]{64}", member(found, "snapshot_hash")), "snapshot_hash is no SHA-256")
    if key:
        need(os.environ["GATEWAY_API_KEY"] not in text_of(path), "the client key is in the answer")
    return f"{found['provider_count']} providers, {member(found, 'rule_count')} rules"


def status(path: str, code: str, environment: str) -> str:
    found = answer(path, code)
    need(member(found, "agent_id") == AGENT, f"agent_id is {found['agent_id']!r}")
    need(member(found, "ready") is True, "ready is not true")
    configured = member(found, "persistence", "ruvector", "configured")
    need(configured or environment == "dev", "persistence: RUVECTOR_SERVICE_URL is not set")
    return f"{member(found, 'health')}, ruvector {'configured' if configured else 'not configured (dev)'}"


def route(path: str, code: str, _: str) -> str:
    found = answer(path, code)
    need(member(found, "decision_id"), "decision_id is empty")
    provider = member(found, "output", "provider_id")
    need(provider, "no provider was selected")
    return f"{provider}/{member(found, 'output', 'model')}"


def delivery(decision: str, before: str, after: str, identifier: str, environment: str) -> str:
    found = read(decision)
    need("error" not in found and identifier in json.dumps(found), f"/v1/decisions/{identifier} has no event")
    ruvector = member(read(after), "persistence", "ruvector")
    if not member(ruvector, "configured"):
        if environment == "dev":
            raise NotApplicable("recorded; RUVECTOR_SERVICE_URL is not set (dev): the spool is the store")
        raise Unmet("RUVECTOR_SERVICE_URL is not set: no event leaves this gateway")
    delivered, earlier = member(ruvector, "delivered"), _delivered(before)
    need(delivered is not None, "the gateway does not say how many events were delivered")
    need(
        delivered > earlier,
        f"recorded, but not delivered: {delivered} delivered, reachable {ruvector.get('reachable')}, "
        f"{ruvector.get('spool_depth')} waiting, {ruvector.get('dead_lettered')} dead letters",
    )
    return f"recorded and delivered ({delivered} events since the start)"


def telemetry(before: str, after: str, environment: str) -> str:
    sinks = member(read(after), "telemetry", "sinks")
    if "observatory" not in sinks:
        if environment == "dev":
            raise NotApplicable("TELEMETRY_ENDPOINT is not set (dev)")
        raise Unmet("TELEMETRY_ENDPOINT is not set: LLM-Observatory is told nothing")
    told, earlier = member(sinks, "observatory", "delivered"), _told(before)
    away = [f"{name} ({sink.get('endpoint')})" for name, sink in sinks.items() if sink["reachable"] is False]
    need(not away, f"not delivered to {', '.join(away)}")
    need(told > earlier, f"LLM-Observatory has not taken the chat: {told} delivered, {earlier} before")
    return f"{told} records taken by LLM-Observatory; told are {', '.join(sorted(sinks))}"


def _told(path: str) -> int:
    """As `_delivered`."""
    try:
        return int(member(read(path), "telemetry", "sinks", "observatory", "delivered"))
    except Unmet:
        return 0


def _delivered(path: str) -> int:
    """0 when the earlier answer does not say: the check of the status itself reports that."""
    try:
        return member(read(path), "persistence", "ruvector", "delivered") or 0
    except Unmet:
        return 0


def chat(path: str, code: str, _: str) -> str:
    found = answer(path, code)
    choices = member(found, "choices")
    need(isinstance(choices, list) and choices, "no choice in the answer")
    member(choices[0], "message", "role")
    return f"{member(found, 'model')}, {member(found, 'usage', 'total_tokens')} tokens"


def metrics(path: str, code: str, _: str) -> str:
    lines = text_of(path).splitlines()
    need(code == "200", f"status {code}")
    told = {
        word: {line.split()[2] for line in lines if line.startswith(f"# {word} ")}
        for word in ("HELP", "TYPE")
    }
    names = {match[0] for line in lines if (match := _SAMPLE.match(line))}
    families = {name if name in told["TYPE"] else _SUFFIX.sub("", name) for name in names}
    for name in METRICS:
        need(name in told["TYPE"], f"{name} is not exported")
    for word, known in told.items():
        missing = sorted(families - known)
        need(not missing, f"no {word} for {', '.join(missing)}")
    return f"{len(told['TYPE'])} families, each with HELP and TYPE"


def environment(path: str) -> str:
    return str(member(read(path), "environment"))


def first_model(path: str) -> str:
    return str(member(member(read(path), "data")[0], "id"))


def decision_id(path: str) -> str:
    return str(member(read(path), "decision_id"))


def route_body(model: str) -> str:
    """The body that the deployment guide sends."""
    return json.dumps({"model": model, "request_id": f"verify-{os.urandom(8).hex()}"})


def chat_body(model: str) -> str:
    return json.dumps({"model": model, "messages": [{"role": "user", "content": "Say OK."}]})


def report(url: str, *results: str) -> str:
    """`{"url", "passed", "checks": [{"name", "result", "reason"}]}`."""
    parts = [result.split(" ", 2) for result in results]
    checks = [{"name": name, "result": result, "reason": reason} for name, result, reason in parts]
    passed = all(check["result"] != "fail" for check in checks)
    return json.dumps({"url": url, "passed": passed, "checks": checks}, indent=2)


EXPECTATIONS: dict[str, Callable[..., str]] = {
    expectation.__name__: expectation
    for expectation in (
        health, live, ready, agents, models, inspect, status, route, delivery, telemetry, chat, metrics,
        environment, first_model, decision_id, route_body, chat_body, report,
    )
}  # fmt: skip


def main(arguments: list[str]) -> NoReturn:
    try:
        print(EXPECTATIONS[arguments[0]](*arguments[1:]))
    except Unmet as reason:
        print(reason)
        sys.exit(1)
    except NotApplicable as reason:
        print(reason)
        sys.exit(3)
    except (TypeError, AttributeError, IndexError, KeyError) as exc:
        print(f"the answer has an unexpected form: {exc}")
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
