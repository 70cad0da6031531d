"""CompleteChat: the attempt loop, without a socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from llm_gateway.application.chat_failed import ChatFailed
from llm_gateway.domain.errors import (
    DeadlineExceeded,
    InvalidRequest,
    UpstreamDisconnected,
    UpstreamNotReached,
    UpstreamTimeout,
)
from llm_gateway.domain.retry_policy import RetryPolicy
from tests.fakes.upstream_transport import ScriptedAnswer
from tests.samples.chat_scene import BODY, WHOLE, ChatScene, chunk, status, streamed

OK = ScriptedAnswer(chunks=(BODY,))


async def failure(scene: ChatScene, *, stream: bool = False, **call: object) -> ChatFailed:
    with pytest.raises(ChatFailed) as caught:
        await scene.ask(stream=stream, **call)
    assert not scene.channel.begun and scene.observer.running == 0
    return caught.value


async def test_an_answer_reaches_the_client() -> None:
    """Byte for byte, with the headers that name where it came from."""
    scene = ChatScene(OK)
    await scene.ask()
    view = scene.channel.view()
    assert view.body == BODY and view.headers["x-gateway-provider"] == "one"
    assert scene.events == ["route_select"] and scene.outcomes == ["one completed"]


async def test_the_event_is_safe_before_the_first_byte() -> None:
    """The log is flushed before anything is written."""
    scene = ChatScene(OK)
    begun: list[bool] = []
    scene.log.flush = lambda: begun.append(scene.channel.begun)  # type: ignore[method-assign]
    await scene.ask()
    assert begun == [False]


async def test_one_usage_record_for_each_request() -> None:
    """With the upstream's figures and every attempt."""
    scene = ChatScene(status(500), OK)
    await scene.ask()
    (record,) = scene.observer.records
    assert record.status == "200" and record.usage is not None and record.usage.input_tokens == 3
    assert [attempt.outcome for attempt in record.attempts] == ["rejected", "completed"]


async def test_a_retry_and_then_a_fallback() -> None:
    """The events say one selection and one fallback that points at it."""
    scene = ChatScene(status(500), status(500), OK)
    await scene.ask()
    assert scene.outcomes == ["one rejected", "one rejected", "two completed"]
    assert scene.events == ["route_select", "route_fallback"]
    first, second = (record.event for record in scene.log.records)
    assert f"decision:{first.execution_ref}" in second.evidence_refs
    assert scene.observer.fallbacks == [("one/m", "two/m", "rejected")]


async def test_exhaustion_is_an_event_of_its_own() -> None:
    """And the client is told the last upstream error with all attempts."""
    scene = ChatScene(status(503))
    failed = await failure(scene)
    assert failed.error.code == "overloaded" and len(failed.attempts) == 4
    assert scene.events == ["route_select", "route_fallback", "route_reject"]


async def test_a_clients_own_mistake_goes_nowhere_else() -> None:
    """400: one attempt, one event."""
    scene = ChatScene(status(400))
    assert (await failure(scene)).error.code == "upstream_error"
    assert scene.outcomes == ["one refused"] and scene.events == ["route_select"]


async def test_what_may_have_run_is_not_repeated() -> None:
    """It could be billed twice."""
    scene = ChatScene(UpstreamDisconnected("lost"), OK)
    assert (await failure(scene)).error.code == "upstream_disconnected"
    assert scene.outcomes == ["one unknown"]


async def test_unless_the_request_is_idempotent() -> None:
    """Then the same target is asked once more."""
    scene = ChatScene(UpstreamDisconnected("lost"), OK)
    await scene.ask(idempotent=True)
    assert scene.outcomes == ["one unknown", "one completed"]


async def test_or_the_operator_prefers_an_answer() -> None:
    """`retry.unknown: next_target`."""
    scene = ChatScene(UpstreamDisconnected("lost"), OK, retry=RetryPolicy(unknown="next_target"))
    await scene.ask()
    assert scene.outcomes == ["one unknown", "two completed"]


@pytest.mark.parametrize("phase", ["connect", "first_byte", "idle", "total"])
async def test_each_timeout_keeps_its_code(phase: str) -> None:
    """Four limits, four codes."""
    scene = ChatScene(UpstreamTimeout("late", phase=phase), providers=("one",))  # type: ignore[arg-type]
    assert (await failure(scene)).error.code == f"upstream_{phase}_timeout"


async def test_a_deadline_in_the_past_calls_nobody() -> None:
    """The request ends before an attempt is made."""
    scene = ChatScene(OK)
    failed = await failure(scene, deadline=scene.clock.monotonic())
    assert isinstance(failed.error, DeadlineExceeded) and not scene.transport.requests


async def test_the_deadline_bounds_each_call() -> None:
    """The upstream's limit is what is left of it, and never longer than the provider's own."""
    scene = ChatScene(OK, OK)
    await scene.ask(deadline=scene.clock.monotonic() + 7.5, first_byte=0.01)
    (request,) = scene.transport.requests
    assert request.timeouts.total == pytest.approx(7.5) and request.timeouts.first_byte == 0.01


async def test_a_request_that_cannot_be_said_is_refused() -> None:
    """An attempt that failed before it was sent, not a bug."""
    scene = ChatScene(InvalidRequest("no", param="messages"))
    assert isinstance((await failure(scene)).error, InvalidRequest)
    assert scene.outcomes == ["one refused"]


async def test_an_open_breaker_is_told_as_an_attempt_not_sent() -> None:
    """After enough failures nothing is called, and the ledger says why."""
    scene = ChatScene(UpstreamNotReached("down"), providers=("one",))
    for _ in range(6):
        await failure(scene)
    assert scene.events[-1] == "route_reject"
    assert "breaker" in scene.observer.decisions[-1].rejection.message  # type: ignore[union-attr]


async def test_a_stream_reaches_the_client() -> None:
    """Its events, [DONE], and a proper end."""
    scene = ChatScene(streamed(*WHOLE))
    await scene.ask(stream=True)
    assert b"".join(scene.channel.writes) == b"".join(WHOLE) and scene.channel.complete
    assert scene.outcomes == ["one completed"]


@pytest.mark.parametrize("ending", ["cut", "silence", "garbage"])
async def test_a_stream_without_content_falls_back(ending: str) -> None:
    """Before the commit point the client has seen nothing, not even a head."""
    broken = streamed(chunk(), ending=ending)
    scene = ChatScene(broken, streamed(*WHOLE), retry=RetryPolicy(unknown="next_target"))
    await scene.ask(stream=True)
    assert scene.channel.view().ending() == "answer"
    assert scene.outcomes == ["one unknown", "two completed"]


@pytest.mark.parametrize("ending", ["cut", "silence", "garbage"])
async def test_a_stream_with_content_does_not(ending: str) -> None:
    """One error event; the attempt is partial, the record says truncated."""
    scene = ChatScene(streamed(chunk("lorem"), ending=ending), streamed(*WHOLE))
    await scene.ask(stream=True)
    assert scene.channel.view().ending() == "truncated" and scene.channel.closed
    assert scene.outcomes == ["one partial"] and scene.observer.records[0].status == "truncated"
    assert len(scene.transport.requests) == 1


async def test_a_client_that_leaves_in_the_middle_is_recorded() -> None:
    """The upstream is let go, and what is known of the usage is kept."""
    scene = ChatScene(streamed(chunk("lorem"), asyncio.Event()))
    work = asyncio.create_task(scene.ask(stream=True))
    scene.channel.watch(work)
    while not scene.channel.writes:  # noqa: ASYNC110 - the fake tells nobody
        await asyncio.sleep(0)
    scene.channel.leave()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert scene.transport.abandoned == 1 and scene.outcomes == ["one cancelled"]
    assert scene.observer.records[0].status == "client_closed" and scene.observer.running == 0


async def test_a_drain_that_is_over_is_told_as_such() -> None:
    """Cancelled while the client is still there: truncated, not closed by the client."""
    scene = ChatScene(streamed(chunk("lorem"), asyncio.Event()))
    work = asyncio.create_task(scene.ask(stream=True))
    while not scene.channel.writes:  # noqa: ASYNC110 - the fake tells nobody
        await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    (record,) = scene.observer.records
    assert (record.status, record.error_code) == ("truncated", "server_draining")


async def test_a_slow_client_holds_its_upstream_back() -> None:
    """The next piece is not read before the last one was taken."""
    scene = ChatScene(streamed(chunk("lorem"), chunk("ipsum"), *WHOLE))
    scene.channel.taking.clear()
    work = asyncio.create_task(scene.ask(stream=True))
    await asyncio.sleep(0.02)
    assert len(scene.channel.writes) == 1
    scene.channel.taking.set()
    await work
    assert scene.channel.complete


async def test_comments_while_nothing_comes() -> None:
    """Then the error is said in the stream, with its own code and without [DONE]."""
    scene = ChatScene(ScriptedAnswer(opening="silence"), keepalive=0.01)
    await scene.ask(stream=True)
    assert scene.channel.writes[0] == b": ping\n\n"
    error = json.loads(scene.channel.view().payloads()[-1])["error"]
    assert error["code"] == "upstream_first_byte_timeout" and scene.channel.closed
