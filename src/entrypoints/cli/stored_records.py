"""Stored decision records, from wherever a person has them: a spool, a file, standard input, an id."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from llm_gateway.application.ports.audit_trail import AuditTrail
from llm_gateway.entrypoints.cli.context import fail

Placed = tuple[str, dict[str, Any]]
# What deciding raises for a document that has the members of a record and values of other types.
NOT_DECIDABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# What json.loads raises for bytes that are no UTF-8, no JSON, or nested beyond reading.
_NOT_JSON = (ValueError, RecursionError)


def records_in(source: str, spool: Path) -> Iterator[Placed]:
    """Each record with its place. `source` is a directory, a file of JSON lines or of one document, `-`, or
    the id of a decision in `spool`. Ends the command when there is nothing to be read."""
    from llm_gateway.entrypoints.container import tools

    path = Path(source)
    if source == "-":
        return _parsed("standard input", sys.stdin.buffer)
    if path.is_dir():
        return _trail(tools.audit_trail(path))
    if path.is_file():
        return _file(path)
    if not spool.is_dir():
        fail(f"{source} is no file, and there is no decision log at {spool} to look it up in")
    record = tools.stored_decisions(spool).find(source)
    if record is None:
        fail(f"{source} is neither a file nor a decision in {spool}")
    return iter([(source, record)])


def spool_near(source: str, otherwise: Path) -> Path:
    """The spool that a file of it belongs to (its snapshots are there), else the configured one."""
    path = Path(source).resolve()
    for candidate in (path, *path.parents[:2]):
        if (candidate / "configuration" / "snapshots").is_dir():
            return candidate
    return otherwise


def _file(path: Path) -> Iterator[Placed]:
    with path.open("rb") as lines:
        yield from _parsed(str(path), lines)


def _parsed(name: str, lines: Iterable[bytes]) -> Iterator[Placed]:
    """JSON lines, or else all of it as one document."""
    lines = iter(lines)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except _NOT_JSON:
            if number > 1:
                fail(f"{name}:{number} is not JSON")
            yield from _whole(name, b"".join(chain([line], lines)))
            return
        yield from _each(f"{name}:{number}", document)


def _whole(name: str, text: bytes) -> Iterator[Placed]:
    try:
        document = json.loads(text)
    except _NOT_JSON as exc:
        fail(f"{name} is not JSON: {exc}")
    yield from _each(name, document)


def _each(place: str, document: Any) -> Iterator[Placed]:
    for entry in document if isinstance(document, list) else [document]:
        if not isinstance(entry, dict):
            fail(f"{place} is not the record of a decision")
        yield place, entry


def _trail(trail: AuditTrail) -> Iterator[Placed]:
    for name in trail.chains():
        for line in trail.lines(name):
            try:
                record = None if line.body is None else json.loads(line.body)
            except _NOT_JSON as exc:
                fail(f"{line.place} is not JSON: it was altered ({exc})")
            if not isinstance(record, dict):
                fail(f"{line.place} is not the record of a decision")
            yield line.place, {**record, "hash": line.hash}
