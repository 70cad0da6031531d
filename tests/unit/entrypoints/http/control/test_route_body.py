"""RouteBody: the chat request inside gives the facts that the chat endpoint would take from it."""

from __future__ import annotations

import json

import pytest

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.entrypoints.http.control.route_body import read_route_body
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request
from llm_gateway.entrypoints.http.inference.facts import facts_of

SNAPSHOT = RoutingSnapshot.build(
    providers=[Provider(id="openai", type="openai", dialect="openai.chat")],
    affinity=("header:x-session-id", "prompt_prefix"),
)
CHAT = b'{"model": "gpt-4o",  "messages": [{"role": "user", "content": "hi"}], "n": 2, "stream": true}'


def facts(body: bytes, **headers: str) -> RequestFacts:
    return read_route_body(body).facts(SNAPSHOT, tenant=None, headers=headers)


def test_the_same_chat_request_hashes_the_same() -> None:
    """Sent to either endpoint; hints that say nothing change nothing."""
    chat = facts_of(
        decode_chat_request(CHAT),
        tenant=None,
        headers={},
        header_names=SNAPSHOT.rule_header_names,
        metadata_keys=SNAPSHOT.rule_metadata_keys,
        affinity=SNAPSHOT.affinity,
    )
    route = facts(b'{"hints": {}, "request": ' + CHAT + b', "request_id": "r"}')
    assert inputs_hash(facts_text(route)) == inputs_hash(facts_text(chat))


def test_a_body_header_goes_before_the_requests_own() -> None:
    """The contract's `headers` are those of the request that is asked about."""
    body = {"request_id": "r", "model_requested": "m", "headers": {"X-Session-Id": "inner"}}
    inner = facts(json.dumps(body).encode(), **{"x-session-id": "outer"})
    assert inner.affinity_key == facts(json.dumps(body).encode()).affinity_key is not None


@pytest.mark.parametrize(
    ("body", "param", "said"),
    [
        (b"", None, "not JSON"),
        (b"[]", None, "must be a JSON object"),
        (b'{"model": ', None, "not JSON"),
        (b'{"model": "\xff"}', None, "not UTF-8 at byte 11"),
        (b'{"request": 7}', "request", "expected an object"),
        (b'{"request": {"model": "m"}}', "request.messages", "missing required field: messages"),
        (b'{"request": {"model": "m", "messages": [{}]}}', "request.messages[0].role", "role"),
        (b'{"request": {"model": "m", "messages": [{"role": "user", "content": 7}]}}', None, "content"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, param: str | None, said: str) -> None:
    """The position where the JSON breaks, or the path from the outside in."""
    with pytest.raises(InvalidRequest) as caught:
        facts(body)
    assert said in caught.value.message
    if param is not None:
        assert caught.value.param == param


@pytest.mark.parametrize("depth", [10_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    """Not a crash."""
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        read_route_body(b'{"model": "m", "context": ' + b"[" * depth + b"]" * depth + b"}")
