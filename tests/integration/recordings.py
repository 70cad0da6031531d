"""Recordings: one dialect's recorded traffic, the bundled sample and, where it is at hand, the collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from llm_gateway.application.ports.dialect import AnswerContext, Dialect
from tests.integration.hub_reading import read_chunks, read_completion

_DATA = Path(__file__).resolve().parents[1] / "data"
_COLLECTION = _DATA.parents[1] / ".." / "shared" / "data" / "recorded"

Row = dict[str, Any]
CONTEXT = AnswerContext(id="chatcmpl-1", created=1_700_000_000, model="asked-for", include_usage=True)


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """What the suite of recorded answers has to know of a dialect.

    `collection` is the stem of its files beside the checkout. `hub` says who wrote the answer that a client
    gets: a translated one has the members and the order of chunks that the gateway promises, one that passes
    through has its provider's. `exact_usage` names the side of the usage of which only the largest figure of
    the oracle is right. `unfinished` are streams of which no client gets a whole. Every cut of streams below
    `cut_below` characters is tried.
    """

    dialect: Dialect
    collection: str
    hub: Literal["translated", "passed_through"] = "translated"
    exact_usage: Literal["prompt", "completion"] | None = None
    unfinished: frozenset[str] = field(default_factory=frozenset)
    cut_below: int = 1500

    @cached_property
    def failures(self) -> dict[str, str]:
        """Why a row is read differently from its SDK, by id."""
        stem = self.dialect.name.partition(".")[0]
        reasons: dict[str, str] = json.loads((_DATA / f"expected_failures_{stem}.json").read_text())
        return reasons

    @cached_property
    def complete(self) -> bool:
        return (_COLLECTION / f"{self.collection}.jsonl").exists()

    @cached_property
    def rows(self) -> list[Row]:
        sample = _DATA / f"{self.dialect.name.replace('.', '_')}_sample.jsonl"
        rows = {row["id"]: row for row in _lines(sample)}
        if self.complete:
            expected = json.loads((_COLLECTION / f"{self.collection}.expected.json").read_text())
            for row in _lines(_COLLECTION / f"{self.collection}.jsonl"):
                rows.setdefault(row["id"], {**row, "expected": expected[row["id"]]})
        return list(rows.values())

    @cached_property
    def readable(self) -> list[Row]:
        return [row for row in self.rows if row["status"] == 200 and "sdk_error" not in row["expected"]]

    @cached_property
    def plain(self) -> list[Row]:
        return [row for row in self.readable if not row["stream"]]

    @cached_property
    def streams(self) -> list[Row]:
        return [row for row in self.readable if row["stream"] and row["id"] not in self.unfinished]

    def stream_bytes(self, body: bytes, size: int | None = None, cut: int | None = None) -> bytes:
        """What the reader makes of `body`, fed whole, in pieces of `size` bytes or in two parted at `cut`."""
        reader = self.dialect.stream(CONTEXT)
        if cut is not None:
            pieces = [body[:cut], body[cut:]]
        else:
            pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
        out = b"".join(map(reader.feed, pieces)) + reader.close()
        if reader.failure is not None:
            raise reader.failure
        assert reader.finished
        return out

    def read_row(self, row: Row) -> Row:
        """The row's answer as the fields of the oracle."""
        body = row["body"].encode()
        if row["stream"]:
            return read_chunks(self.stream_bytes(body), self.hub)
        return read_completion(self.dialect.answer(body, CONTEXT).body, self.hub)

    def difference(self, row: Row) -> str:
        """Empty when the row's answer is what the SDK makes of it, else what differs."""
        expected = row["expected"]
        try:
            read = self.read_row(row)
        except Exception as exc:
            return f"{type(exc).__name__}: {exc}"
        wrong = [name for name in ("text", "thinking", "tools", "finish") if read[name] != expected[name]]
        # A recording without a report is 0 in the oracle.
        usage = read["usage"] or {"prompt_tokens": 0, "completion_tokens": 0}
        for side in ("prompt", "completion"):
            right = [max(expected[side])] if side == self.exact_usage else expected[side]
            if usage[f"{side}_tokens"] not in right:
                wrong.append(f"{side}_tokens")
        return ", ".join(wrong)


def _lines(file: Path) -> Iterator[Row]:
    """One document a line; `str.splitlines` would also part them inside of strings, at U+2028."""
    return map(json.loads, filter(None, file.read_bytes().split(b"\n")))
