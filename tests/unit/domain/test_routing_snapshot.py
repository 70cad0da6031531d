"""RoutingSnapshot: its identity, its document, and what it remembers."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.canonical_json import digest
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from tests.unit.domain.routing_examples import decide, facts, order, provider, rule

FULL_PROVIDER = Provider(
    id="full",
    type="azure_openai",
    dialect="openai.chat",
    models=(
        Model(
            name="m",
            aliases=("small", "tiny"),
            capabilities=frozenset({Capability.VISION, Capability.TOOLS}),
            context_window=128_000,
            max_output_tokens=4096,
            input_price="0.15",
            output_price="0.60",
        ),
        Model(name="m-*"),
    ),
    weight=7,
    priority=3,
    quota_group="org",
    max_concurrent=20,
    capabilities=frozenset({Capability.STREAMING, Capability.TOOLS}),
    unsupported_parameters=frozenset({"logit_bias", "seed"}),
    droppable_parameters=frozenset({"seed"}),
    latency_tier=2,
    base_url="https://example.invalid/v1",
    credential_reference="env:KEY",
)
FULL_RULE = RoutingRule(
    name="full",
    priority=5,
    match=RuleMatch(
        models=("m*",),
        tenants=("acme",),
        headers=(("x-tier", "gold"),),
        capabilities=frozenset({Capability.TOOLS}),
        min_input_tokens=1,
        max_input_tokens=99,
        metadata=(("team", "s*"),),
    ),
    action=RuleAction(
        providers=("full",),
        weights=(("full", 3),),
        strategy="least_busy",
        model="m",
        add_headers=(("X-A", "1"),),
        terminal=False,
    ),
    enabled=False,
)
FULL: dict[str, Any] = {
    "providers": [FULL_PROVIDER, provider("open")],
    "rules": [FULL_RULE, rule("plain")],
    "strategy": "weighted",
    "default_providers": ("open",),
    "aliases": {"fast": ("full/m", "small")},
    "fallback": Fallback(enabled=False, max_targets=1),
    "affinity": ("header:X-Session-Id", "metadata:conversation", "user", "prompt_prefix"),
}


def test_the_document_is_json_and_the_way_back_is_exact() -> None:
    """Every field of every noun survives, and the hash with them; of what rules add, the names."""
    snapshot = RoutingSnapshot.build(**FULL)
    read = RoutingSnapshot.from_document(json.loads(json.dumps(snapshot.document())))
    assert read.hash == snapshot.hash == digest(snapshot.document())
    assert read.providers == snapshot.providers
    unsaid = ("X-A", f"sha256:{sha256(b'1').hexdigest()}")
    action = replace(FULL_RULE.action, add_headers=(unsaid,))
    assert read.rules == (replace(FULL_RULE, action=action), rule("plain"))
    assert (read.aliases, read.fallback, read.affinity) == (
        snapshot.aliases,
        snapshot.fallback,
        snapshot.affinity,
    )


def test_another_value_of_an_added_header_is_another_snapshot_that_does_not_show_it() -> None:
    """It may be a credential, and snapshots are kept on disk."""
    action = replace(FULL_RULE.action, add_headers=(("X-A", "canary"),))
    changed = RoutingSnapshot.build(**{**FULL, "rules": [replace(FULL_RULE, action=action), rule("plain")]})
    assert changed.hash != RoutingSnapshot.build(**FULL).hash
    assert "canary" not in json.dumps(changed.document())


CHANGES: list[dict[str, Any]] = [
    {"strategy": "priority"},
    {"default_providers": ()},
    {"aliases": {"fast": ("small", "full/m")}},
    {"fallback": Fallback(enabled=True, max_targets=1)},
    {"affinity": ()},
    {"rules": [rule("plain"), FULL_RULE]},
    {"providers": [provider("open"), FULL_PROVIDER]},
    {"providers": [FULL_PROVIDER, provider("open", weight=99)]},
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_changes_the_hash(change: dict[str, Any]) -> None:
    """Order included, where order means something."""
    assert RoutingSnapshot.build(**{**FULL, **change}).hash != RoutingSnapshot.build(**FULL).hash


def test_the_hash_is_pinned() -> None:
    """Stored events name it: an upgrade that changed it could not find its own snapshots."""
    minimal = RoutingSnapshot.build(providers=[provider("openai", "gpt-4o")])
    assert minimal.document() == {
        "providers": [
            {"id": "openai", "type": "openai", "dialect": "openai.chat", "models": [{"name": "gpt-4o"}]}
        ],
        "rules": [],
        "strategy": "priority",
        "default_providers": [],
        "aliases": {},
        "fallback": {"enabled": True, "max_targets": 3},
        "affinity": [],
    }
    assert minimal.hash == "c89a0dc111f5248776381eee59b6a237109370af378763c309da2b75a024107a"


@pytest.mark.parametrize(
    "document",
    [{}, {"providers": [{}]}, {"providers": 3}, {"providers": [{"id": "a", "surprise": 1}]}],
)
def test_what_is_no_document_is_refused(document: dict[str, Any]) -> None:
    """With the gateway's own error."""
    with pytest.raises(ConfigurationError):
        RoutingSnapshot.from_document(document)


def test_it_says_what_facts_may_hold_and_what_affinity_reads() -> None:
    """Header names in lower case; a value that only makes the affinity key is not a fact."""
    snapshot = RoutingSnapshot.build(**FULL)
    assert snapshot.rule_header_names == {"x-tier"}
    assert snapshot.header_names == {"x-tier", "x-session-id"}
    assert snapshot.rule_metadata_keys == {"team"}
    assert snapshot.metadata_keys == {"team", "conversation"}


def test_headers_that_no_rule_looks_at_are_not_remembered() -> None:
    """A session header with a new value in every request must not fill the memo."""
    snapshot = RoutingSnapshot.build(providers=[provider("a", "m")])
    for n in range(100):
        decide(snapshot, facts("m", headers=(("x-session-id", str(n)),)))
    assert len(snapshot._requests) == 1


@given(st.lists(st.sampled_from(["m", "n", "open/x", "fast", "nope"]), max_size=6), st.integers(0, 200))
@settings(max_examples=50, deadline=None)
def test_what_is_remembered_never_changes_an_answer(models: list[str], size: int) -> None:
    """A snapshot that has seen other requests decides like a fresh one."""
    arguments: dict[str, Any] = {
        "providers": [provider("a", Model(name="m", context_window=100), "n"), provider("open")],
        "rules": [rule("long", min_input_tokens=50, models=("m", "open/*"), providers=("open", "a"))],
        "aliases": {"fast": ("a/m", "a/n")},
    }
    used = RoutingSnapshot.build(**arguments)
    for n, model in enumerate(models):
        decide(used, facts(model, input_tokens=n * 40))
        request = facts(model, input_tokens=size)
        assert decide(used, request) == decide(RoutingSnapshot.build(**arguments), request)


def test_an_open_provider_cannot_be_made_to_eat_memory() -> None:
    """A thousand invented model names leave the memos at their bounds."""
    snapshot = RoutingSnapshot.build(providers=[provider("open")])
    for n in range(1000):
        assert order(decide(snapshot, facts(f"invented-{n}"))) == [f"open/invented-{n}"]
    assert len(snapshot._plans) <= 256
