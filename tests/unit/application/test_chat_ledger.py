"""ChatLedger: what a request has been through, told once at its end."""

from __future__ import annotations

from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.domain.errors import UpstreamNotReached
from llm_gateway.domain.target import Target
from tests.samples.chat_scene import ChatScene, status

ONE, TWO = Target("one", "m"), Target("two", "m")


def ledger() -> tuple[ChatLedger, ChatScene]:
    scene = ChatScene(status(500))
    return ChatLedger(scene.call(), scene.clock, scene.observer, scene.clock.now()), scene


def test_attempts_are_timed_from_the_requests_arrival() -> None:
    """Milliseconds; their durations add up to the time spent upstream."""
    kept, scene = ledger()
    for target in (ONE, TWO):
        started = kept.elapsed_ms()
        kept.attempt_started(target)
        scene.clock.advance(0.25)
        kept.attempt_finished(target, "rejected", started_ms=started, status=500)
    assert [attempt.started_ms for attempt in kept.attempts] == [0.0, 250.0]
    assert kept.upstream_ms == 500.0 and kept.made_on(ONE) == 1


def test_a_call_that_was_not_let_happen_took_no_time() -> None:
    """It is an attempt all the same, with its reason."""
    kept, scene = ledger()
    kept.refused(ONE, UpstreamNotReached("open", code="breaker_open"))
    assert kept.upstream_ms == 0.0 and kept.attempts[0].error == "breaker_open"
    assert scene.observer.running == 0


def test_it_settles_once() -> None:
    """However many ways out there were."""
    kept, scene = ledger()
    kept.settle("200", ONE)
    kept.settle("client_closed", None)
    (record,) = scene.observer.records
    assert (record.status, record.target) == ("200", ONE)


def test_before_a_decision_there_is_only_the_requests_id() -> None:
    """Nothing is named that was not decided."""
    kept, _ = ledger()
    assert kept.headers(None) == [(b"x-request-id", b"r-1")]
    assert kept.last_target() is None


def test_what_deciding_took_is_told() -> None:
    """Also how long the request waited for its turn, and how long it was taken to be."""
    kept, scene = ledger()
    kept.timing.decide, kept.timing.queue = 0.03, 12.0
    kept.settle("200", ONE)
    (record,) = scene.observer.records
    assert (record.decide_ms, record.queued_ms) == (0.03, 12.0)
    assert record.input_estimate == scene.call().facts.input_tokens
