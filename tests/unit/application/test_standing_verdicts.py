"""StandingVerdicts: asked once, kept for a while, renewed beside the requests; a dead peer costs nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import pytest

from llm_gateway.application.ports.routing_constraints import ConstraintsUnavailable, PolicyQuestion
from llm_gateway.application.standing_verdicts import PolicyTerms, Standing, StandingVerdicts
from llm_gateway.domain.policy_verdict import denial
from tests.fakes.clock import FakeClock
from tests.fakes.policy_observer import FakePolicyObserver
from tests.fakes.routing_constraints import DOWN, FakeRoutingConstraints

MODES: list[Literal["open", "closed"]] = ["open", "closed"]


class Scene:
    """`ask` gives the verdict's effect and says in `waited` whether it was there at once."""

    def __init__(
        self,
        mode: Literal["open", "closed"] = "open",
        *,
        ttl: float = 30.0,
        timeout: float = 5.0,
        **more: int,
    ) -> None:
        self.peer = FakeRoutingConstraints()
        self.clock = FakeClock()
        self.observer = FakePolicyObserver()
        terms = PolicyTerms(on_failure=mode, timeout=timeout, cache_ttl=ttl)
        self.standing = StandingVerdicts(self.peer, terms, clock=self.clock, observer=self.observer, **more)
        self.waited = False

    async def ask(self, model: str = "m") -> str:
        answer = self.standing.on(PolicyQuestion(request_id="r", model=model))
        self.waited = isinstance(answer, asyncio.Task)
        found = await asyncio.shield(answer) if isinstance(answer, asyncio.Task) else answer
        assert isinstance(found, Standing)
        self.policy_id = found.verdict.policy_id
        return found.verdict.effect

    async def settle(self) -> None:
        await asyncio.gather(*self.standing._asking.values())
        await asyncio.sleep(0)

    @property
    def calls(self) -> int:
        return len(self.peer.asked)


async def test_a_verdict_that_stands_costs_no_wait() -> None:
    """One call for any number of requests."""
    scene = Scene()
    assert [await scene.ask() for _ in range(5)] == ["allow"] * 5
    assert (scene.calls, scene.waited, scene.observer.told) == (1, False, ["fake allow"])


async def test_equal_questions_at_the_same_time_are_one_call() -> None:
    """Even when one of those who wait leaves."""
    scene = Scene()
    scene.peer.slow = asyncio.Event()
    asking = [asyncio.ensure_future(scene.ask()) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    scene.peer.slow.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert found[1:] == ["allow"] * 4 and scene.calls == 1


async def test_an_older_verdict_is_used_while_it_is_renewed() -> None:
    """The request that finds it old does not wait; the next ones have the new one."""
    scene = Scene()
    await scene.ask()
    scene.peer.judgement = lambda _: denial("fake", "new", "rule")
    scene.clock.advance(31)
    assert (await scene.ask(), scene.waited) == ("allow", False)
    await scene.settle()
    assert (await scene.ask(), scene.calls) == ("deny", 2)


async def test_a_verdict_ends_for_good() -> None:
    """Twice as old as it was fresh, it is asked for anew."""
    scene = Scene()
    await scene.ask()
    scene.clock.advance(61)
    assert (await scene.ask(), scene.waited, scene.calls) == ("allow", True, 2)


async def test_without_a_time_to_live_nothing_is_kept() -> None:
    """cache_ttl: 0."""
    scene = Scene(ttl=0)
    assert [await scene.ask() for _ in range(3)] == ["allow"] * 3
    assert scene.calls == 3


@pytest.mark.parametrize("mode", MODES)
async def test_without_a_verdict_configuration_decides(mode: Literal["open", "closed"]) -> None:
    """The id says that no policy was looked at."""
    scene = Scene(mode)
    scene.peer.judgement = lambda _: DOWN
    assert await scene.ask() == {"open": "skip", "closed": "deny"}[mode]
    assert scene.policy_id == f"fake:fail_{mode}"
    assert scene.observer.told == ["fake unreachable"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_slow_peer_is_waited_for_no_longer_than_configured(mode: Literal["open", "closed"]) -> None:
    """Then it has failed, and what was asked is given up."""
    scene = Scene(mode, timeout=0.02)
    scene.peer.slow = asyncio.Event()
    assert await scene.ask() == {"open": "skip", "closed": "deny"}[mode]
    assert scene.observer.told == ["fake timeout"]


async def test_a_bug_in_an_adapter_is_a_failure_like_others(caplog: pytest.LogCaptureFixture) -> None:
    """Logged, and no request fails for it."""
    scene = Scene()
    scene.peer.judgement = lambda _: [][0]  # type: ignore[return-value]
    assert await scene.ask() == "skip"
    assert "bug in a policy peer's adapter" in caplog.text


async def test_a_dead_peer_is_hardly_asked() -> None:
    """A moment's rest for each subject, and after three failures in a row for all of them."""
    scene = Scene()
    scene.peer.judgement = lambda _: DOWN
    for number in range(100):
        assert await scene.ask(f"m{number}") == "skip"
        assert await scene.ask(f"m{number}") == "skip"
    assert (scene.calls, scene.waited) == (3, False)
    assert scene.observer.told.count("fake not_asked") == 194


async def test_it_is_asked_again_when_it_is_back() -> None:
    """By one probe; one answer is enough."""
    scene = Scene()
    scene.peer.judgement = lambda _: DOWN
    for number in range(4):
        await scene.ask(f"m{number}")
    scene.peer.judgement = FakeRoutingConstraints().judgement
    scene.clock.advance(2.1)
    assert [await scene.ask("m1"), await scene.ask("m2")] == ["allow", "allow"]


async def test_an_outage_does_not_take_standing_verdicts_away() -> None:
    """They count to their end; the renewal is tried now and then, not with each request."""
    scene = Scene()
    await scene.ask()
    scene.peer.judgement = lambda _: DOWN
    scene.clock.advance(31)
    for _ in range(20):
        assert await scene.ask() == "allow"
        await scene.settle()
    assert scene.calls == 2
    scene.clock.advance(30)
    assert await scene.ask() == "skip"


async def test_a_prompt_that_is_too_long_says_nothing_about_the_peer() -> None:
    """Others are asked about as before."""
    scene = Scene("closed")
    scene.peer.judgement = lambda _: ConstraintsUnavailable("too_long", "too long")
    assert [await scene.ask(f"m{number}") for number in range(9)] == ["deny"] * 9
    assert scene.calls == 9


async def test_made_up_subjects_do_not_fill_it() -> None:
    """The answers that are oldest make room."""
    scene = Scene(capacity=10)
    for number in range(100):
        await scene.ask(f"m{number}")
    assert len(scene.standing._held) == 10
    await scene.ask("m99")
    assert scene.calls == 100


async def test_a_peer_gets_so_many_questions_at_once_and_no_more() -> None:
    """The others wait, within the time that a verdict may take."""
    scene = Scene(at_once=4)
    scene.peer.slow = asyncio.Event()
    asking = [asyncio.ensure_future(scene.ask(f"m{number}")) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    scene.peer.slow.set()
    assert await asyncio.gather(*asking) == ["allow"] * 20
    assert scene.peer.at_once == 4


async def test_an_outage_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """And its end."""
    caplog.set_level(logging.INFO, "llm_gateway.policy")
    scene = Scene()
    scene.peer.judgement = lambda _: DOWN
    await scene.ask("a")
    await scene.ask("b")
    scene.peer.judgement = FakeRoutingConstraints().judgement
    await scene.ask("c")
    said = [record.getMessage() for record in caplog.records]
    assert said == ["a policy peer gives no verdict: refused", "a policy peer answers again"]


async def test_closing_ends_what_is_asked() -> None:
    """Nothing is left running, the peer is closed."""
    scene = Scene()
    scene.peer.slow = asyncio.Event()
    scene.standing.on(PolicyQuestion(request_id="r"))
    await scene.standing.aclose()
    assert scene.peer.closed and not scene.standing._asking
