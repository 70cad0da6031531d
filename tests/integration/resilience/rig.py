"""Rig: a gateway and its lab on real sockets, with two providers of one model; the first can be at fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from llm_gateway.application.configuration import (
    AuthSettings,
    GatewayConfiguration,
    ProviderAccount,
    Resilience,
    RoutingSettings,
)
from llm_gateway.application.drill_case import ClientView
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.domain.provider import Model
from llm_gateway.domain.retry_policy import RetryPolicy
from llm_gateway.domain.routing_snapshot import Fallback
from llm_gateway.entrypoints.container import Container, build_container
from llm_gateway.entrypoints.drill.loopback_gateway import loopback_gateway
from llm_gateway.entrypoints.drill.raw_client import RawExchange, ask
from llm_gateway.entrypoints.drill.staging import StagedSource
from llm_gateway.entrypoints.lab.request_log import RequestRecord
from llm_gateway.entrypoints.lab.server import Lab
from llm_gateway.entrypoints.settings import Settings

MODEL = "m"
TIMEOUTS = Timeouts(connect=1.0, first_byte=0.15, idle=0.15, total=20.0)
RETRY = RetryPolicy(max_attempts=2, base_delay=0.001, max_delay=2.0)
PATIENCE_S = 20.0  # when a test gives up; no test asserts a time


def account(
    name: str, lab: Lab, fault: str, *, priority: int, timeouts: Timeouts = TIMEOUTS
) -> ProviderAccount:
    unreachable = fault == "unreachable"
    return ProviderAccount(
        id=name,
        type="openai_compatible",
        dialect="openai.chat",
        base_url="http://127.0.0.1:9/v1" if unreachable else f"{lab.url}/v1",
        credential_required=False,
        headers=(("x-lab-fault", "lorem" if unreachable else fault), ("x-provider", name)),
        models=(Model(name=MODEL),),
        priority=priority,
        timeouts=timeouts,
    )


def configuration(
    lab: Lab,
    fault: str = "lorem",
    *,
    fallback: bool = True,
    retry: RetryPolicy = RETRY,
    timeouts: Timeouts = TIMEOUTS,
) -> GatewayConfiguration:
    """`one` meets the fault; `two` is well and comes second."""
    return GatewayConfiguration(
        providers=(
            account("one", lab, fault, priority=1, timeouts=timeouts),
            account("two", lab, "lorem", priority=2, timeouts=timeouts),
        ),
        routing=RoutingSettings(fallback=Fallback(enabled=fallback)),
        resilience=replace(Resilience(), retry=retry),
        auth=AuthSettings(mode="none"),
    )


class Rig:
    """One gateway and one lab, for as long as `rig` lasts."""

    def __init__(self, url: str, lab: Lab, container: Container) -> None:
        self.url = url
        self.lab = lab
        self.container = container

    def exchange(self, *, stream: bool, headers: dict[str, str] | None = None, **more: Any) -> RawExchange:
        return RawExchange(self.url, document(stream=stream, **more), headers)

    async def ask(self, *, stream: bool, headers: dict[str, str] | None = None, **more: Any) -> ClientView:
        return await ask(self.url, document(stream=stream, **more), headers)

    def events(self) -> list[str]:
        """The decision types on record, oldest first."""
        records = self.container.decision_log().recent(limit=10_000)
        return [record["decision_type"] for record in reversed(records)]

    def called(self) -> list[str]:
        """The providers in the order they were called."""
        return [dict(record.headers)["x-provider"] for record in self.lab.log.records]

    def only_call(self) -> RequestRecord:
        (record,) = self.lab.log.records
        return record

    def metrics(self) -> dict[tuple[str, ...], float]:
        """Counters above zero: `(name, label value, …)` in the order of the labels' names."""
        page = self.container.metrics_page().render().decode()
        counters = (family for family in text_string_to_metric_families(page) if family.type == "counter")
        return {
            (
                sample.name.removeprefix("llm_gateway_"),
                *(value for _, value in sorted(sample.labels.items())),
            ): (sample.value)
            for family in counters
            for sample in family.samples
            if sample.value
        }

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - conditions are plain reads
                await asyncio.sleep(0.002)


def document(*, stream: bool, model: str = MODEL, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream, **more}


@asynccontextmanager
async def rig(
    directory: Path,
    fault: str = "lorem",
    *,
    configure: Callable[[GatewayConfiguration], GatewayConfiguration] | None = None,
    prepare: Callable[[Container], None] | None = None,
    **options: Any,
) -> AsyncIterator[Rig]:
    """`options` are those of `configuration`; `prepare` sees the container before anything uses it."""
    async with Lab() as lab:
        made = configuration(lab, fault, **options)
        if configure is not None:
            made = configure(made)
        settings = Settings().model_copy(
            update={"spool_dir": directory, "run_dir": directory, "auth": "none"}
        )
        container = build_container(settings, StagedSource(made))
        if prepare is not None:
            prepare(container)
        async with loopback_gateway(container) as url:
            yield Rig(url, lab, container)
