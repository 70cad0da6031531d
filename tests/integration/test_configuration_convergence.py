"""Workers of one host, each with its own watch, come to the same configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.configuration.file_source import FileConfigurationSource
from llm_gateway.adapters.configuration_history.directory import DirectoryConfigurationHistory
from llm_gateway.adapters.configuration_overlays.file import FileConfigurationOverlays
from llm_gateway.adapters.configuration_watch.files import FileConfigurationWatch
from llm_gateway.adapters.snapshot_archive.memory import MemorySnapshotArchive
from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.live_configuration import ReloadResult
from llm_gateway.application.reload_configuration import (
    ConfigurationStores,
    ReloadConfiguration,
    open_configuration,
)
from llm_gateway.application.revert_configuration import RevertConfiguration
from llm_gateway.application.update_configuration import UpdateConfiguration
from tests.fakes.configuration_reading import reader

TEXT = "providers: [{id: openai, type: openai, weight: %d}]\n"


class Worker:
    """One worker process's share, here as a task."""

    def __init__(self, file: Path, state: Path) -> None:
        overlay = state / "overlay.json"
        self.clock = SystemClock()
        self.stores = ConfigurationStores(
            source=FileConfigurationSource(file, reader()),
            overlays=FileConfigurationOverlays(overlay),
            history=DirectoryConfigurationHistory(state / "versions"),
            archive=MemorySnapshotArchive(),
        )
        self.live = open_configuration(self.stores, self.clock)
        self.results: list[ReloadResult] = []
        self.reload = ReloadConfiguration(self.live, self.stores, self.clock, self.results.append)
        self.update = UpdateConfiguration(self.live, self.stores, self.reload, self.clock)
        self.watching = asyncio.create_task(self.reload.follow(FileConfigurationWatch([file, overlay])))

    @property
    def weight(self) -> int:
        return self.live.current().providers["openai"].weight

    async def aclose(self) -> None:
        self.watching.cancel()
        await asyncio.gather(self.watching, return_exceptions=True)


@pytest.fixture
async def workers(tmp_path: Path) -> object:
    file = tmp_path / "gateway.yaml"
    file.write_text(TEXT % 1, encoding="utf-8")
    pair = Worker(file, tmp_path / "state"), Worker(file, tmp_path / "state")
    yield file, *pair
    for worker in pair:
        await worker.aclose()


Pair = tuple[Path, Worker, Worker]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - two independent workers
            await asyncio.sleep(0.02)


async def test_an_edited_file_reaches_every_worker(workers: Pair) -> None:
    """With the same hash, and one version in the history that they share."""
    file, one, two = workers
    file.write_text(TEXT % 7, encoding="utf-8")
    await until(lambda: one.weight == two.weight == 7)
    assert one.live.current().hash == two.live.current().hash
    await until(lambda: len(one.stores.history.list()) == 2)


async def test_a_broken_file_is_refused_by_every_worker(workers: Pair) -> None:
    """With line and path; the old one stays in force."""
    file, one, two = workers
    file.write_text("providers: [{id: openai, typo: openai}]\n", encoding="utf-8")
    await until(lambda: {w.live.last_result.status for w in (one, two)} == {"refused"})
    for worker in (one, two):
        assert worker.weight == 1
        assert worker.live.last_result.status == "refused"
        assert ":1: providers[0].typo: unknown key" in str(worker.live.last_result.message)


async def test_the_optimizers_change_at_one_reaches_the_other_and_can_be_reverted(workers: Pair) -> None:
    """By the overlay that they share."""
    _, one, two = workers
    await one.update(
        [ConfigurationChange(parameter="providers.openai.weight", new_value=9)], reason="optimizer"
    )
    await until(lambda: one.weight == two.weight == 9)
    assert one.live.current().hash == two.live.current().hash
    await until(lambda: len(two.stores.history.list()) == 2)
    oldest = two.stores.history.list()[-1][0]
    await asyncio.to_thread(RevertConfiguration(two.stores, two.clock), oldest)
    await until(lambda: one.weight == two.weight == 1)
