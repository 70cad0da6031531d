"""The contract of port ConfigurationWatch, kept by every adapter and by the fake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from llm_gateway.adapters.configuration_watch.files import FileConfigurationWatch
from llm_gateway.adapters.configuration_watch.null import NullConfigurationWatch
from llm_gateway.application.ports.configuration_watch import ConfigurationWatch
from tests.fakes.configuration_watch import FakeConfigurationWatch

LIMIT = 30
"""Seconds until a test gives up; a notice comes far sooner."""


async def notice_after(watch: ConfigurationWatch, change: Callable[[], object]) -> str:
    """The notice of a change that is made as soon as the watch has begun."""
    async with asyncio.timeout(LIMIT), aclosing(watch.changes()) as notices:  # type: ignore[type-var]
        assert await anext(notices) == "watching began"
        change()
        return str(await anext(notices))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    return path


def a_change(write: Callable[[str], object]) -> Callable[[], object]:
    return lambda: write("a: 2\n")


async def test_a_written_file_is_noticed(file: Path) -> None:
    """By its name."""
    watch = FileConfigurationWatch([file])
    assert await notice_after(watch, a_change(file.write_text)) == "gateway.yaml changed"


async def test_a_replaced_file_is_noticed(file: Path) -> None:
    """Editors write another file and rename it over the old one."""

    def replace(text: str) -> None:
        other = file.with_name("gateway.yaml.swp")
        other.write_text(text, encoding="utf-8")
        other.replace(file)

    assert await notice_after(FileConfigurationWatch([file]), a_change(replace))


async def test_a_swapped_link_is_noticed(tmp_path: Path) -> None:
    """Kubernetes: gateway.yaml -> ..data/gateway.yaml, and ..data -> another directory from now on."""
    (tmp_path / "gateway.yaml").symlink_to("..data/gateway.yaml")

    def swap(text: str) -> None:
        version = tmp_path / f"..{text[3:-1]}"
        version.mkdir()
        (version / "gateway.yaml").write_text(text, encoding="utf-8")
        link = tmp_path / "..data_tmp"
        link.symlink_to(version.name)
        link.replace(tmp_path / "..data")

    swap("a: 1\n")
    watch = FileConfigurationWatch([tmp_path / "gateway.yaml"])
    assert await notice_after(watch, a_change(swap)) == "gateway.yaml changed"


async def test_a_link_into_another_directory_is_noticed(tmp_path: Path) -> None:
    """Where no event of the watched directory tells of it."""
    target = tmp_path / "elsewhere" / "real.yaml"
    target.parent.mkdir()
    target.write_text("a: 1\n", encoding="utf-8")
    link = tmp_path / "etc" / "gateway.yaml"
    link.parent.mkdir()
    link.symlink_to(target)
    assert await notice_after(FileConfigurationWatch([link]), a_change(target.write_text))


async def test_a_file_that_appears_is_noticed(tmp_path: Path) -> None:
    """The overlay is written for the first time long after the start."""
    path = tmp_path / "overlay.json"
    assert (
        await notice_after(FileConfigurationWatch([path]), a_change(path.write_text))
        == "overlay.json changed"
    )


async def test_a_directory_that_appears_is_noticed(tmp_path: Path) -> None:
    """The state directory is made with the first version."""
    path = tmp_path / "state" / "overlay.json"

    def write(text: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert await notice_after(FileConfigurationWatch([path]), a_change(write)) == "overlay.json changed"


async def test_the_same_content_again_is_no_change(file: Path) -> None:
    """Touching a file reloads nothing; the first notice is of the real change after it."""
    other = file.with_name("other.yaml")

    def touch_then_change() -> None:
        file.write_text("a: 1\n", encoding="utf-8")
        other.write_text(str(file.stat().st_mtime_ns), encoding="utf-8")

    assert (
        await notice_after(FileConfigurationWatch([file, other]), touch_then_change) == "other.yaml changed"
    )


async def test_cancelling_ends_the_watching(file: Path) -> None:
    """No thread and no task stays behind."""

    async def watch() -> None:
        async for _ in FileConfigurationWatch([file]).changes():
            pass

    task = asyncio.create_task(watch())
    await asyncio.sleep(0.1)
    task.cancel()
    async with asyncio.timeout(LIMIT):
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("watch", [NullConfigurationWatch(), FakeConfigurationWatch([])])
async def test_where_nothing_is_watched_the_iteration_ends(watch: ConfigurationWatch) -> None:
    """The task that follows it is done."""
    assert [notice async for notice in watch.changes()] == []


async def test_the_fake_gives_its_notices() -> None:
    """In order, then it ends."""
    assert [notice async for notice in FakeConfigurationWatch(["a", "b"]).changes()] == ["a", "b"]
