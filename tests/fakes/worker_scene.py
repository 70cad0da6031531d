"""WorkerScene: one worker of two, with everything that it reports about made of fakes."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.inspect_routing import InspectRouting
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.ports.traffic import TrafficTotals
from llm_gateway.application.report_health import ReportHealth
from llm_gateway.application.report_status import Peers, ReportStatus
from llm_gateway.application.report_worker import ReportWorker
from llm_gateway.application.secret import Secret
from tests.fakes.configuration_source import FakeConfigurationSource
from tests.fakes.configuration_stores import CLAUDE, ONE, OPENAI, Scene
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.traffic import FakeTraffic
from tests.fakes.worker_board import FakeWorkerBoard

KEY = "sk-never-shown"
WITH_KEYS = replace(
    ONE, providers=(replace(OPENAI, api_key=Secret(KEY)), replace(CLAUDE, api_key=Secret(KEY)))
)
CHANGED = replace(WITH_KEYS, routing=replace(ONE.routing, strategy="weighted"))


class WorkerScene:
    """The worker is number 0; `board` is where a test puts up worker 1."""

    def __init__(
        self, configuration: GatewayConfiguration = WITH_KEYS, totals: TrafficTotals | None = None
    ) -> None:
        known = {"one": configuration, "two": CHANGED}
        self.configuration = Scene(source=FakeConfigurationSource(known, "one"))
        self.clock = self.configuration.clock
        self.live = self.configuration.live
        self.book = HealthBook(configuration.resilience.circuit_breaker, self.clock)
        self.book.adopt(self.live.current())
        self.lifecycle = Lifecycle(started_at=self.clock.now() - 50)
        self.lifecycle.serve()
        self.log = FakeDecisionLog()
        self.board = FakeWorkerBoard()
        self.traffic = FakeTraffic(totals)
        self.refreshed = 0
        self.worker = ReportWorker(
            number=0,
            pid=100,
            live=self.live,
            health=self.book,
            report=ReportHealth(self.live, self.book, self.lifecycle),
            lifecycle=self.lifecycle,
            log=self.log,
            board=self.board,
            clock=self.clock,
            refresh=self._refresh,
        )
        self.status = ReportStatus(
            worker=self.worker,
            traffic=self.traffic,
            spool_bytes=lambda: 4321,
            version="1.2.3-rc.1",
            peers=Peers(ruvector=False, workers=2),
        )
        self.inspect = InspectRouting(
            live=self.live, worker=self.worker, traffic=self.traffic, version="1.2.3"
        )

    def _refresh(self) -> None:
        self.refreshed += 1
