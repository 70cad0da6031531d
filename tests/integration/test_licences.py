"""The committed list of licences says what the runtime lock pins."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ \\;]+)(.*)$", re.MULTILINE)
_LISTED = re.compile(r"^\| ([A-Za-z0-9._-]+) +\| (\S+) +\| (.+?) *\|$", re.MULTILINE)


def pinned() -> dict[str, tuple[str, bool]]:
    """Version, and whether it is for some platforms only, by normalised name."""
    text = (ROOT / "requirements.lock").read_text()
    return {_plain(name): (version, ";" in more) for name, version, more in _PINNED.findall(text)}


def listed() -> dict[str, tuple[str, str]]:
    """Version and licence by normalised name."""
    text = (ROOT / "docs" / "licences.md").read_text()
    rows = {_plain(name): (version, licence) for name, version, licence in _LISTED.findall(text)}
    return {name: row for name, row in rows.items() if name != "name"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_pinned_package_is_listed_in_its_version() -> None:
    """`make licences` brings it up to date; what is for other platforms only may be missing."""
    rows = listed()
    expected = {name: version for name, (version, some) in pinned().items() if not some or name in rows}
    assert {name: version for name, (version, _) in rows.items()} == expected


def test_every_licence_is_known() -> None:
    """Nothing goes out with the gateway under terms that nobody has read."""
    assert not {name: licence for name, (_, licence) in listed().items() if licence == "UNKNOWN"}
