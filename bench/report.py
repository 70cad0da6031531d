"""The report of a run: tables in Markdown, headed by date, machine and versions; README.md keeps one."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.table import Effort, Table

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- figures of {part} -->", "<!-- end of {part} -->"
_PACKAGES = ("uvicorn", "uvloop", "httptools", "msgspec")


def heading(rounds: str) -> str:
    """One line: when, how much, where, with what."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {rounds} on "
        f"{_processor()} ({os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end), "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {packages}."
    )


def markdown(table: Table) -> str:
    lines = [table.titles, tuple("---" for _ in table.titles), *table.rows]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{text}\n\n{table.note}" if table.note else text


def write(part: str, table: Table, effort: Effort) -> bool:
    """Replaces the part's figures in README.md, between its markers; False when it has none."""
    begin, end = _BEGIN.format(part=part), _END.format(part=part)
    text = README.read_text()
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        return False
    figures = f"{begin}\n{heading(table.rounds or str(effort))}\n\n{markdown(table)}\n{end}"
    README.write_text(pattern.sub(lambda _: figures, text))
    return True


def _processor() -> str:
    match = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return match[1] if match else platform.machine()
