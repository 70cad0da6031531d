"""ReportStatus: figures over all workers, and null for what nobody knows."""

from __future__ import annotations

import pytest

from llm_gateway.application.ports.delivery_status import DeliveryFigures
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.application.ports.traffic import TrafficTotals
from llm_gateway.application.ports.worker_board import ReloadNotice
from llm_gateway.application.report_status import Peers, ReportStatus
from llm_gateway.domain.decision_event import timestamp
from tests.fakes.worker_scene import WorkerScene
from tests.samples.notices import notice

TOTALS = TrafficTotals(
    requests=7, errors=2, timed=4, seconds=0.5, last_activity=1_700_000_000.5, decisions={"route_select": 6}
)


async def test_the_figures_are_those_of_all_workers() -> None:
    """Counted together, dropped records added up, started when the first one was."""
    scene = WorkerScene(totals=TOTALS)
    scene.log.dropped = 1
    scene.board.publish(notice(worker=1, pid=7, events_dropped=2))
    found = await scene.status()
    assert (found["requests_processed"], found["errors"], found["avg_latency_ms"]) == (7, 2, 125.0)
    assert found["started_at"] == "2023-11-14T22:11:40.000Z"
    assert found["last_activity"] == "2023-11-14T22:13:20.500Z"
    assert found["persistence"]["ruvector"]["dropped"] == 3
    assert [worker["pid"] for worker in found["workers"]["each"]] == [100, 7]


async def test_what_is_not_known_is_null() -> None:
    """Nothing has happened, and nobody delivers anything yet."""
    found = await WorkerScene().status()
    assert (found["avg_latency_ms"], found["last_activity"]) == (None, None)
    stored = found["persistence"]["ruvector"]
    assert (stored["configured"], stored["spool_bytes"]) == (False, 4321)
    assert {stored[name] for name in ("reachable", "last_success", "delivered", "spool_depth")} == {None}
    assert found["version"] == {"major": 1, "minor": 2, "patch": 3}


async def test_delivery_is_that_of_all_workers() -> None:
    """Counters from the shared cells, the rest as the workers say it; one outage is enough to be away."""
    scene = WorkerScene(totals=TrafficTotals(delivered=40, dead_lettered=2))
    now = scene.clock.now()
    scene.status = ReportStatus(
        worker=scene.worker,
        traffic=scene.traffic,
        spool_bytes=lambda: 4321,
        version="1.2.3",
        peers=Peers(ruvector=True, workers=3),
    )
    up = DeliveryFigures(configured=True, reachable=True, last_success=now - 5, pending=1)
    away = DeliveryFigures(configured=True, reachable=False, pending=7, oldest_pending=now - 90)
    scene.board.publish(notice(worker=1, pid=7, delivery=up))
    scene.board.publish(notice(worker=2, pid=8, delivery=away))
    stored = (await scene.status())["persistence"]["ruvector"]
    assert stored == {
        "configured": True,
        "reachable": False,
        "last_success": timestamp(now - 5),
        "spool_depth": 8,
        "spool_bytes": 4321,
        "oldest_pending_seconds": 90.0,
        "delivered": 40,
        "dead_lettered": 2,
        "dropped": 0,
    }


async def test_workers_that_differ_make_a_degraded_service() -> None:
    """Some requests are served; who is asked does not matter."""
    scene = WorkerScene()
    assert await scene.status.health() == "healthy"
    scene.board.publish(notice(worker=1, pid=7, health="unhealthy", ready=False))
    assert await scene.status.health() == "degraded"
    assert (await scene.status())["ready"] is True


async def test_a_missing_worker_is_seen() -> None:
    """Two are to be, one reports."""
    found = await WorkerScene().status()
    assert (found["workers"]["expected"], found["workers"]["reporting"]) == (2, 1)


async def test_a_dead_worker_does_not_count() -> None:
    """Its notice has been left behind."""
    scene = WorkerScene()
    scene.board.publish(notice(worker=1, pid=7, health="unhealthy"))
    scene.board.dead.add(7)
    assert await scene.status.health() == "healthy"


async def test_a_refused_reload_is_shown_with_its_reason() -> None:
    """Whichever worker saw it last."""
    scene = WorkerScene()
    refused = ReloadNotice(status="refused", trigger="SIGHUP", at=scene.clock.now() + 1, message="line 3: no")
    scene.board.publish(notice(worker=1, pid=7, reload=refused, snapshot_hash="cd" * 32))
    found = (await scene.status())["configuration"]
    assert found["last_reload"]["message"] == "line 3: no"
    assert found["consistent"] is False


@pytest.mark.parametrize("text", ["two"])
async def test_a_reload_shows_at_once_in_the_worker_that_made_it(text: str) -> None:
    """Its own notice is made when it is asked for."""
    scene = WorkerScene()
    scene.configuration.source.text = text
    await scene.configuration.reload("SIGHUP")
    found = (await scene.status())["configuration"]
    assert found["snapshot_hash"] == scene.live.current().hash
    assert (found["last_reload"]["status"], found["last_reload"]["trigger"]) == ("accepted", "SIGHUP")


async def test_telemetry_is_that_of_all_workers() -> None:
    """Counters from the shared cells; one outage is enough to be away; the newest endpoint counts."""
    scene = WorkerScene(
        totals=TrafficTotals(
            telemetry_delivered={"observatory": 40, "gone": 9}, telemetry_dropped={"observatory": 2}
        )
    )
    now = scene.clock.now()
    up = TelemetryFigures(
        sink="observatory", endpoint="http://o/b", reachable=True, last_success=now, queued=1
    )
    away = TelemetryFigures(sink="observatory", endpoint="http://o/a", reachable=False, queued=7)
    scene.board.publish(notice(worker=1, pid=7, telemetry=(away,)))
    scene.board.publish(notice(worker=2, pid=8, telemetry=(up,)))
    found = (await scene.status())["telemetry"]
    assert (found["configured"], found["delivered"], found["dropped"]) == (True, 40, 2)
    assert found["sinks"] == {
        "observatory": {
            "endpoint": "http://o/b",
            "reachable": False,
            "last_success": timestamp(now),
            "queued": 8,
            "delivered": 40,
            "dropped": 2,
        }
    }


async def test_nobody_is_told_anything() -> None:
    """No figures where nothing is configured."""
    found = (await WorkerScene().status())["telemetry"]
    assert found == {"configured": False, "delivered": None, "dropped": None, "sinks": {}}
