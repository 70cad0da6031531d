"""Requests that nobody would write: the gateway answers each, and none of them with a 500."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.samples.webhooks import SECRET, compact, headers

_EXAMPLES = 150
_NEEDED = ("model", "messages", "stream", "tools", "tool_choice", "response_format", "n", "stop", "metadata")
_ROLES = st.sampled_from(["system", "user", "assistant", "tool", "developer", "nobody"])
_PARAMETERS = ("providers.lab.weight", "providers.nobody.weight", "rules.r.enabled", "routing.strategy", "..")
_CHANGE_TYPES = st.sampled_from(["replace", "add", "remove", "update"])
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["lab/echo", "lab/tools", "lab/lorem", "auto", "*", "\0", "../..", "\U0001f600" * 5])
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NEEDED) | st.text(max_size=8), inner)
    ),
    max_leaves=12,
)
_MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": _ROLES}, optional={"content": _VALUES, "tool_calls": _VALUES, "name": _VALUES}
    ),
    max_size=3,
)
_CHATS = st.fixed_dictionaries(
    {"model": st.sampled_from(["lab/echo", "lab/tools"]), "messages": _MESSAGES},
    optional=dict.fromkeys(_NEEDED[2:], _VALUES),
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[GatewayProcess]:
    """A gateway of its own, so that what is done to it disturbs no other test."""
    with running_gateway("--lab", environment={"OPTIMIZER_WEBHOOK_SECRET": SECRET}) as started:
        yield started
        assert httpx.get(f"{started.url}/live", trust_env=False).status_code == 200
        assert not [line for line in started.logs() if "bug" in str(line.get("message"))]


@pytest.fixture(scope="module")
def http(fuzzed: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fuzzed.url, trust_env=False, timeout=20) as client:
        yield client


def answered(http: httpx.Client, path: str, body: bytes) -> None:
    answer = http.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500, (body, answer.text)
    if answer.status_code >= 400:
        assert {"message", "type", "param", "code"} <= answer.json()["error"].keys()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/agents/route"])
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=_CHATS | _VALUES)
def test_any_json_is_answered(http: httpx.Client, path: str, body: Any) -> None:
    answered(http, path, json.dumps(body).encode())


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/agents/route"])
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(chat=_CHATS, noise=st.binary(min_size=1, max_size=6), at=st.floats(0, 1))
def test_json_with_a_scratch_is_answered(
    http: httpx.Client, path: str, chat: Any, noise: bytes, at: float
) -> None:
    """A valid body in which a few bytes were overwritten."""
    body = json.dumps(chat).encode()
    cut = int(at * len(body))
    answered(http, path, body[:cut] + noise + body[cut + len(noise) :])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    id=st.uuids().map(str),
    kind=st.just("optimization.completed") | _VALUES,
    changes=st.lists(
        st.fixed_dictionaries(
            {"parameter": st.sampled_from(_PARAMETERS) | st.text(max_size=20)},
            optional={"new_value": _VALUES, "old_value": _VALUES, "change_type": _CHANGE_TYPES | _VALUES},
        )
        | _VALUES,
        max_size=3,
    ),
)
def test_any_signed_update_is_answered(http: httpx.Client, id: Any, kind: Any, changes: Any) -> None:
    """The optimizer's own mistakes: what is signed gets further than what the document describes. A 401 is
    for numbers that JavaScript, whose signatures these are, writes in another way."""
    document = {"id": id, "eventType": kind, "timestamp": 1, "data": {"changes": changes}, "version": "1"}
    answer = http.post("/agents/rules/updates", content=compact(document), headers=headers(document))
    assert answer.status_code in (200, 400, 401, 422), answer.text


def test_what_the_openapi_document_allows_is_answered(fuzzed: GatewayProcess, tmp_path: Path) -> None:
    """And what it does not: schemathesis, from the started gateway's own document."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{fuzzed.url}/openapi.json"]
    options = {
        "--checks": "not_a_server_error",
        "--phases": "coverage,fuzzing",
        "--max-examples": "12",
        "--seed": "1",
        "--request-timeout": "20",
        "--suppress-health-check": "all",
        "--generation-database": "none",
    }
    command += [word for option in options.items() for word in option]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:]
    paths = httpx.get(f"{fuzzed.url}/openapi.json", trust_env=False).json()["paths"].values()
    count = sum(len(operations) for operations in paths)
    assert f"Selected: {count}/{count}\n  Tested: {count}\n" in done.stdout, done.stdout[-3000:]
