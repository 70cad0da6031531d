"""What Policy-Engine and Shield are sent, and what is made of their words; on a real socket."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from llm_gateway.adapters.policy_engine.gate import PolicyEngine
from llm_gateway.adapters.shield.gate import LONGEST_PROMPT, Shield
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.routing_constraints import ConstraintsUnavailable, PolicyQuestion
from llm_gateway.application.prompt_text import PromptText
from llm_gateway.application.secret import Secret
from llm_gateway.domain.principal import Principal
from tests.fakes.policy_peers import PolicyPeers

CALLER = Principal(id="acme-ci", tenant="acme", scopes=frozenset({"inference", "agents:read"}))
QUESTION = PolicyQuestion(
    caller=CALLER,
    tenant="acme",
    request_id="r-1",
    trace_id="t-1",
    provider_type="azure_openai",
    model="gpt-4o",
    max_tokens=256,
    temperature=0.5,
)


def prompt(text: str) -> PolicyQuestion:
    return replace(QUESTION, prompt=PromptText(lambda: {"messages": [{"role": "user", "content": text}]}))


@pytest.fixture
async def peers() -> AsyncIterator[PolicyPeers]:
    found = PolicyPeers()
    async with found.server:
        yield found


@pytest.fixture
async def engine(peers: PolicyPeers) -> AsyncIterator[PolicyEngine]:
    made = PolicyEngine(
        peers.server.origin + "/base/", NativeTransport(), project="gateway", environment="staging"
    )
    yield made
    await made.aclose()


@pytest.fixture
async def shield(peers: PolicyPeers) -> AsyncIterator[Shield]:
    made = Shield(
        peers.server.origin,
        NativeTransport(),
        now=lambda: 1_700_000_000.0,
        caller_id="llm-inference-gateway",
        secret=Secret("shared"),
    )
    yield made
    await made.aclose()


async def test_the_engine_is_sent_what_the_contract_says(engine: PolicyEngine, peers: PolicyPeers) -> None:
    """Azure under the engine's word for it; roles are the key's scopes."""
    await engine.judge(QUESTION)
    ((path, headers, body),) = peers.posts
    assert path == "/base/v1/policy-engine/enforce"
    assert (headers["x-execution-id"], headers["x-parent-span-id"]) == ("r-1", "t-1")
    assert body == {
        "context": {
            "llm": {"provider": "azure", "model": "gpt-4o", "max_tokens": 256, "temperature": 0.5},
            "user": {
                "id": "acme-ci",
                "roles": ["agents:read", "inference"],
                "permissions": ["model:execute"],
            },
            "project": {"id": "gateway", "environment": "staging"},
            "team": {"id": "acme"},
        }
    }


async def test_what_is_not_known_is_left_out(engine: PolicyEngine, peers: PolicyPeers) -> None:
    """Not null, and not made up: the engine denies a question without a limit, which is its right."""
    verdict = await engine.judge(replace(QUESTION, tenant=None, max_tokens=None, temperature=None))
    assert peers.posts[0][2]["context"].keys() == {"llm", "user", "project"}
    assert peers.posts[0][2]["context"]["llm"].keys() == {"provider", "model"}
    assert (verdict.effect, verdict.policy_id) == ("deny", "policy-engine:max-tokens-required")
    assert verdict.reason == "max-tokens-required is violated"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"provider_type": "groq"}, "known-providers"),
        ({"caller": Principal(id="w", scopes=frozenset({"agents:write"}))}, "execute-permission"),
    ],
)
async def test_a_preset_and_a_key_without_the_scope_are_denied(
    engine: PolicyEngine, change: dict[str, object], rule: str
) -> None:
    """A denial is a 200 with `allowed` false."""
    verdict = await engine.judge(replace(QUESTION, **change))
    assert (verdict.effect, verdict.policy_id) == ("deny", f"policy-engine:{rule}")


@pytest.mark.parametrize(
    "change",
    [
        {"caller": replace(CALLER, id="other")},
        {"caller": replace(CALLER, scopes=frozenset({"agents:read"}))},
        {"tenant": "other"},
        {"provider_type": "openai"},
        {"model": "gpt-5"},
        {"max_tokens": 257},
        {"temperature": 0.6},
    ],
)
def test_whatever_the_engine_is_sent_makes_another_subject(change: dict[str, object]) -> None:
    """One caller's verdict is never another's."""
    engine = PolicyEngine("http://h", NativeTransport(), project="p", environment="dev")
    assert engine.subject(replace(QUESTION, **change)) != engine.subject(QUESTION)
    assert engine.subject(replace(QUESTION, request_id="r-2", trace_id=None)) == engine.subject(QUESTION)


async def test_shield_is_sent_the_prompt_signed(shield: Shield, peers: PolicyPeers) -> None:
    """HMAC over `<caller>|<issued at>`, and nothing but the prompt in the body."""
    assert (await shield.judge(prompt("hello"))).effect == "allow"
    ((path, headers, body),) = peers.posts
    assert (path, body) == ("/v1/scan/prompt", {"prompt": "hello"})
    message = b"llm-inference-gateway|2023-11-14T22:13:20.000Z"
    assert headers["x-caller-id"] == "llm-inference-gateway"
    assert headers["x-caller-issued-at"] == "2023-11-14T22:13:20.000Z"
    assert headers["x-caller-signature"] == hmac.new(b"shared", message, hashlib.sha256).hexdigest()


async def test_a_prompt_that_does_not_pass_is_denied_without_being_quoted(shield: Shield) -> None:
    """What scanners found may be a piece of it: only the score is passed on."""
    verdict = await shield.judge(prompt("an attack"))
    assert (verdict.effect, verdict.policy_id) == ("deny", "shield")
    assert verdict.reason == "the prompt did not pass the scan (risk score 0.97)"


@pytest.mark.parametrize("text", ["x" * (LONGEST_PROMPT + 1), "😀" * (LONGEST_PROMPT // 2 + 1)])
async def test_a_longer_prompt_is_not_scanned_in_part(shield: Shield, peers: PolicyPeers, text: str) -> None:
    """Counted as services in JavaScript count; what happens then is configured."""
    with pytest.raises(ConstraintsUnavailable) as caught:
        await shield.judge(prompt(text))
    assert (caught.value.failure, peers.posts) == ("too_long", [])


def test_without_text_there_is_nothing_to_scan() -> None:
    """A question about a model's name, or a message of images."""
    shield = Shield("http://h", NativeTransport(), now=lambda: 0.0, caller_id="c")
    assert shield.subject(QUESTION) is None
    assert shield.subject(prompt("")) is None


async def test_half_a_surrogate_pair_gets_an_answer(shield: Shield, peers: PolicyPeers) -> None:
    """JSON can say it; what the peer makes of it is its own."""
    assert (await shield.judge(prompt("\ud83d"))).effect == "allow"
    assert peers.posts[0][2] == {"prompt": "\ud83d"}
