"""ReportWorker: what a worker says of itself, and when it is worth saying."""

from __future__ import annotations

import asyncio

import pytest

from llm_gateway.application import report_worker
from llm_gateway.domain.target import Target
from tests.fakes.worker_scene import WorkerScene
from tests.samples.notices import notice


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> WorkerScene:
    monkeypatch.setattr(report_worker, "PERIOD_S", 0.0)
    return WorkerScene()


async def rounds(scene: WorkerScene, count: int) -> None:
    """Let the worker's task go round that often."""
    seen = scene.refreshed
    while scene.refreshed < seen + count:  # noqa: ASYNC110
        await asyncio.sleep(0.001)


def test_a_notice_says_how_the_worker_is(scene: WorkerScene) -> None:
    """From the configuration in force, the lifecycle and the decision log."""
    scene.log.dropped = 3
    said = scene.worker.notice()
    assert (said.worker, said.pid, said.phase, said.health, said.ready) == (
        0,
        100,
        "serving",
        "healthy",
        True,
    )
    assert (said.snapshot_hash, said.events_dropped) == (scene.live.current().hash, 3)
    assert said.reload.trigger == "start"


def test_a_notice_holds_the_targets_that_were_called(scene: WorkerScene) -> None:
    """With what was learned of each."""
    assert scene.worker.notice().targets == ()
    permit = scene.book.begin(Target("openai", "gpt-4o"))
    assert permit is not None
    (target,) = scene.worker.notice().targets
    assert (target.target, target.in_flight, target.breaker) == ("openai/gpt-4o", 1, "closed")


async def test_everyone_is_this_worker_as_it_is_now_and_the_others_as_they_said(scene: WorkerScene) -> None:
    """An old notice of its own is not used."""
    scene.board.publish(notice(worker=1, pid=7))
    scene.board.publish(notice(worker=0, phase="starting"))
    first, second = await scene.worker.everyone()
    assert (first.phase, first.pid) == ("serving", 100)
    assert second.pid == 7


async def test_what_has_not_changed_is_not_said_again(scene: WorkerScene) -> None:
    """Until the heartbeat is due."""
    task = asyncio.create_task(scene.worker.follow())
    await rounds(scene, 5)
    assert len(scene.board.published) == 1
    scene.clock.advance(6)
    await rounds(scene, 5)
    assert len(scene.board.published) == 2
    task.cancel()


async def test_a_change_is_said(scene: WorkerScene) -> None:
    """A drain, a reload, a breaker."""
    task = asyncio.create_task(scene.worker.follow())
    await rounds(scene, 3)
    scene.lifecycle.drain()
    await rounds(scene, 3)
    assert [said.phase for said in scene.board.published] == ["serving", "draining"]
    task.cancel()


async def test_a_board_that_cannot_be_written_ends_nothing(
    scene: WorkerScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next period tries again."""
    publish = scene.board.publish

    def full(said: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(scene.board, "publish", full)
    task = asyncio.create_task(scene.worker.follow())
    await rounds(scene, 3)
    monkeypatch.setattr(scene.board, "publish", publish)
    await rounds(scene, 3)
    assert len(scene.board.published) == 1
    task.cancel()
