"""NameInstance: the first known name, exported and written down."""

from __future__ import annotations

import pytest

from llm_gateway.application.name_instance import NameInstance
from tests.fakes.instance_name import FakeInstanceName


async def told(*names: str | None) -> tuple[list[str], list[str]]:
    """What was exported and what was noted."""
    exported: list[str] = []
    noted: list[str] = []
    sources = [FakeInstanceName(name) for name in names]
    await NameInstance(sources, export=exported.append, note=noted.append)()
    return exported, noted


async def test_the_first_known_name_counts() -> None:
    """The platform's before the host's; what the platform does not say, the host does."""
    assert await told("platform", "host") == (["platform"], ["platform"])
    assert await told(None, "host") == (["host"], ["host"])


async def test_without_any_name_nobody_is_told() -> None:
    """Better than an empty one."""
    assert await told(None, None) == ([], [])


async def test_a_disk_that_takes_no_note_does_not_matter(caplog: pytest.LogCaptureFixture) -> None:
    """It is exported, and said."""
    exported: list[str] = []

    def refuse(name: str) -> None:
        raise OSError("no space")

    await NameInstance([FakeInstanceName("a")], export=exported.append, note=refuse)()
    assert exported == ["a"] and "no space" in caplog.text
