"""What routing learns of a request, and what it never does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request
from llm_gateway.entrypoints.http.inference.facts import facts_of

USER = {"role": "user", "content": "hi"}


def facts(
    affinity: tuple[str, ...] = (), headers: dict[str, str] | None = None, **members: Any
) -> RequestFacts:
    raw = json.dumps({"model": "m", "messages": [USER], **members}).encode()
    return facts_of(
        decode_chat_request(raw),
        tenant=None,
        headers=headers or {},
        header_names={"x-tier"},
        metadata_keys={"team"},
        affinity=affinity,
    )


@pytest.mark.parametrize(
    ("members", "capability"),
    [
        ({"stream": True}, Capability.STREAMING),
        ({"tools": [{"type": "function"}]}, Capability.TOOLS),
        ({"functions": [{"name": "f"}]}, Capability.TOOLS),
        ({"response_format": {"type": "json_schema"}}, Capability.JSON_SCHEMA),
        ({"response_format": {"type": "json_object"}}, Capability.JSON_OBJECT),
        ({"n": 2}, Capability.N),
        ({"logprobs": True}, Capability.LOGPROBS),
        ({"reasoning_effort": "high"}, Capability.REASONING),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, Capability.VISION),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, Capability.AUDIO),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, Capability.FILES),
    ],
)
def test_each_need_is_seen(members: dict[str, Any], capability: Capability) -> None:
    assert facts(**members).capabilities == {capability}


def test_neutral_values_need_nothing() -> None:
    seen = facts(
        n=1,
        frequency_penalty=0,
        presence_penalty=0.0,
        logit_bias={},
        stop=[],
        tools=[],
        parallel_tool_calls=True,
        store=False,
        response_format={"type": "text"},
        logprobs=False,
    )
    assert (seen.capabilities, seen.parameters) == (frozenset(), frozenset())


def test_parameters_that_change_the_answer_are_named() -> None:
    seen = facts(seed=0, temperature=0, stop="x", logit_bias={"1": 2}, n=2, max_tokens=5)
    assert seen.parameters == {"seed", "temperature", "stop", "logit_bias", "n", "max_tokens"}


def test_only_headers_and_metadata_that_rules_look_at_are_taken() -> None:
    seen = facts(
        headers={"x-tier": "gold", "authorization": "Bearer key"}, metadata={"team": "a", "note": "private"}
    )
    assert seen.headers == (("x-tier", "gold"),)
    assert seen.metadata == (("team", "a"),)


def test_no_text_of_the_request_is_in_the_facts() -> None:
    planted = "PLANTED-TEXT"
    seen = facts(
        affinity=("user", "prompt_prefix"),
        messages=[{"role": "system", "content": planted}, {"role": "user", "content": planted}],
        user=planted,
        stop=planted,
    )
    assert planted not in repr(seen)


def test_a_later_turn_of_a_conversation_has_the_same_affinity() -> None:
    start = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "one"}]
    later = [*start, {"role": "assistant", "content": "1"}, {"role": "user", "content": "two"}]
    first = facts(affinity=("prompt_prefix",), messages=start)
    second = facts(affinity=("prompt_prefix",), messages=later)
    other = facts(affinity=("prompt_prefix",), messages=[{"role": "user", "content": "two"}])
    assert first.affinity_key == second.affinity_key != other.affinity_key


def test_the_first_affinity_source_that_exists_counts() -> None:
    sources = ("header:x-session-id", "user")
    by_user = facts(affinity=sources, user="u")
    by_header = facts(affinity=sources, user="u", headers={"x-session-id": "s"})
    assert by_user.affinity_key != by_header.affinity_key
    assert facts(affinity=sources).affinity_key is None


def test_content_that_is_neither_text_nor_parts_is_refused_by_its_path() -> None:
    with pytest.raises(InvalidRequest) as caught:
        facts(messages=[USER, {"role": "user", "content": {"text": "x"}}])
    assert caught.value.param == "messages[1].content"
