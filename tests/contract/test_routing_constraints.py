"""The RoutingConstraints contract, for both real adapters against a stand-in on a socket, null and fake."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llm_gateway.adapters.policy_engine.gate import PolicyEngine
from llm_gateway.adapters.routing_constraints.null import NullRoutingConstraints
from llm_gateway.adapters.shield.gate import Shield
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.application.prompt_text import PromptText
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.policy_peers import PolicyPeers
from tests.fakes.routing_constraints import DOWN, FakeRoutingConstraints

REAL = ("engine", "shield")


def question(text: str = "hello", *, model: str = "gpt-4o", max_tokens: int | None = 100) -> PolicyQuestion:
    document = {"messages": [{"role": "user", "content": text}]}
    return PolicyQuestion(
        request_id="r-1",
        provider_type="openai",
        model=model,
        max_tokens=max_tokens,
        prompt=PromptText(lambda: document),
    )


@pytest.fixture
async def peers() -> AsyncIterator[PolicyPeers]:
    found = PolicyPeers()
    async with found.server:
        yield found


@pytest.fixture
async def made(peers: PolicyPeers) -> AsyncIterator[dict[str, RoutingConstraints]]:
    found: dict[str, RoutingConstraints] = {
        "engine": PolicyEngine(peers.server.origin, NativeTransport(), project="p", environment="dev"),
        "shield": Shield(peers.server.origin + "/", NativeTransport(), now=lambda: 0.0, caller_id="gateway"),
        "null": NullRoutingConstraints("engine"),
        "fake": FakeRoutingConstraints(),
    }
    yield found
    for each in found.values():
        await each.aclose()


@pytest.mark.parametrize("name", [*REAL, "fake"])
async def test_equal_questions_have_one_subject_and_a_verdict(
    made: dict[str, RoutingConstraints], name: str
) -> None:
    """The id of the verdict begins with the peer's name."""
    peer = made[name]
    assert peer.subject(question()) == peer.subject(question()) is not None
    verdict = await peer.judge(question())
    assert (verdict.effect, verdict.policy_id) == ("allow", peer.name)


async def test_nobody_has_an_opinion_on_nothing(made: dict[str, RoutingConstraints]) -> None:
    """So that no constraint can come of it; who asks all the same gets no verdict."""
    assert made["null"].subject(question()) is None and made["null"].endpoint is None
    with pytest.raises(ConstraintsUnavailable):
        await made["null"].judge(question())


@pytest.mark.parametrize("name", [*REAL, "null", "fake"])
async def test_closing_twice_is_harmless(made: dict[str, RoutingConstraints], name: str) -> None:
    """The lifespan may end in more than one way."""
    await made[name].aclose()
    await made[name].aclose()


async def test_the_fake_fails_as_the_real_ones_do() -> None:
    """With the one exception of the port."""
    with pytest.raises(ConstraintsUnavailable):
        await FakeRoutingConstraints(lambda _: DOWN).judge(question())


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("broken", "status"),
        ("garbage", "malformed"),
        ("array", "malformed"),
        ("deep", "malformed"),
        ("lying", "malformed"),
        ("huge", "malformed"),
        ("cut", "unreachable"),
    ],
)
async def test_whatever_is_no_verdict_is_none(
    made: dict[str, RoutingConstraints], peers: PolicyPeers, name: str, mode: str, failure: str
) -> None:
    """An allow is a plain true under a 200, and nothing that merely looks like one."""
    peers.mode = mode
    with pytest.raises(ConstraintsUnavailable) as caught:
        await made[name].judge(question("tell nobody"))
    assert caught.value.failure == failure
    assert "tell nobody" not in str(caught.value)


@pytest.mark.parametrize("name", REAL)
async def test_nobody_listening_is_unreachable(name: str) -> None:
    """Connection refused."""
    async with PolicyPeers().server as gone:
        origin = gone.origin
    peer = {
        "engine": PolicyEngine(origin, NativeTransport(), project="p", environment="dev"),
        "shield": Shield(origin, NativeTransport(), now=lambda: 0.0, caller_id="c"),
    }[name]
    with pytest.raises(ConstraintsUnavailable) as caught:
        await peer.judge(question())
    assert caught.value.failure == "unreachable"
    await peer.aclose()


@pytest.mark.parametrize("url", ["engine:80", "ftp://h", "http://user:secret@h", "http://h?x=1", ""])
def test_another_kind_of_url_is_a_configuration_error(url: str) -> None:
    """Said at the start, and without repeating what may be a password."""
    with pytest.raises(ConfigurationError, match="POLICY_ENGINE_URL must look like") as caught:
        PolicyEngine(url, NativeTransport(), project="p", environment="dev")
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="SHIELD_URL must look like"):
        Shield(url, NativeTransport(), now=lambda: 0.0, caller_id="c")
