"""The contract of port ConfigurationHistory, kept by every adapter that keeps anything and by the fake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llm_gateway.adapters.configuration_history.directory import DirectoryConfigurationHistory
from llm_gateway.adapters.configuration_history.memory import MemoryConfigurationHistory
from llm_gateway.adapters.configuration_history.null import NullConfigurationHistory
from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.ports.configuration_history import ConfigurationHistory, ConfigurationVersion
from tests.fakes.configuration_history import FakeConfigurationHistory

Make = Callable[..., ConfigurationHistory]


@pytest.fixture(params=["fake", "memory", "directory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes a history; on the same directory when called again."""
    return {
        "fake": FakeConfigurationHistory,
        "memory": MemoryConfigurationHistory,
        "directory": lambda keep=50: DirectoryConfigurationHistory(tmp_path / "state" / "versions", keep),
    }[request.param]


def version(text: str, at: float = 1_700_000_000.5, **more: object) -> ConfigurationVersion:
    fields = {"reason": "file changed", "digest": f"d-{text}", "snapshot_hash": "h", **more}
    return ConfigurationVersion(recorded_at=at, text=text, **fields)  # type: ignore[arg-type]


def test_a_version_comes_back_as_it_was(make: Make) -> None:
    """Text, changes and all."""
    history = make()
    changes = (ConfigurationChange(parameter="a", new_value=[1], old_value=None),)
    kept = version("é: ${A}\n", changes=changes)
    assert history.load(history.record(kept)) == kept


def test_the_newest_comes_first(make: Make) -> None:
    """Ids are in the same order."""
    history = make()
    ids = [history.record(version(text, at)) for text, at in [("a", 1.0), ("b", 2.0), ("c", 3.0)]]
    assert [item.text for _, item in history.list()] == ["c", "b", "a"]
    assert [identifier for identifier, _ in history.list()] == ids[::-1] == sorted(ids, reverse=True)


def test_a_clock_that_stands_still_or_goes_back_keeps_the_order(make: Make) -> None:
    """Versions are in the order of recording."""
    history = make()
    for text, at in [("a", 5.0), ("b", 5.0), ("c", 4.0), ("d", 5.0)]:
        history.record(version(text, at))
    assert [item.text for _, item in history.list()] == ["d", "c", "b", "a"]


def test_the_same_content_is_recorded_once(make: Make) -> None:
    """Every worker records what it put in force."""
    history = make()
    first = history.record(version("a", 1.0, reason="x"))
    assert history.record(version("a", 2.0, reason="y")) == first
    assert len(history.list()) == 1


def test_going_back_is_a_version_of_its_own(make: Make) -> None:
    """Only the newest one counts as the same."""
    history = make()
    for text in ("a", "b", "a"):
        history.record(version(text))
    assert [item.text for _, item in history.list()] == ["a", "b", "a"]


def test_other_changes_on_the_same_text_are_another_version(make: Make) -> None:
    """The optimizer does not touch the file."""
    history = make()
    history.record(version("a"))
    history.record(version("a", changes=(ConfigurationChange(parameter="p", new_value=1),)))
    assert len(history.list()) == 2


def test_the_number_of_versions_is_bounded(make: Make) -> None:
    """The oldest are let go."""
    history = make(keep=3)
    ids = [history.record(version(str(n), float(n))) for n in range(5)]
    assert [item.text for _, item in history.list()] == ["4", "3", "2"]
    assert history.load(ids[0]) is None


@pytest.mark.parametrize("identifier", ["", "nonesuch", "../../etc/passwd", "20260131T120000123456Z-000"])
def test_an_unknown_id_is_none(make: Make, identifier: str) -> None:
    """The id comes from a person; it never leads out of the directory."""
    history = make()
    assert history.load(identifier) is None
    assert list(history.list()) == []


def test_an_id_never_leads_out_of_the_directory(tmp_path: Path) -> None:
    """Not even to a file that is a version."""
    elsewhere = DirectoryConfigurationHistory(tmp_path / "elsewhere")
    identifier = elsewhere.record(version("a"))
    history = DirectoryConfigurationHistory(tmp_path / "here")
    history.record(version("b"))
    assert history.load(f"../elsewhere/{identifier}") is None


def test_a_damaged_version_is_passed_over(tmp_path: Path) -> None:
    """The others can still be gone back to."""
    history = DirectoryConfigurationHistory(tmp_path)
    history.record(version("a", 1.0))
    (tmp_path / f"{history.record(version('b', 2.0))}.json").write_text("{", encoding="utf-8")
    assert [item.text for _, item in history.list()] == ["a"]
    history.record(version("c", 3.0))
    assert [item.text for _, item in history.list()] == ["c", "a"]


def test_the_null_history_keeps_nothing() -> None:
    """The default when there is no state directory."""
    history = NullConfigurationHistory()
    assert history.load(history.record(version("a"))) is None
    assert list(history.list()) == []
