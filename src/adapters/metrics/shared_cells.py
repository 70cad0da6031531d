"""SharedCells: one worker's numbers in a memory-mapped file that every worker of the host can read.

Adding to a cell is two memory accesses (about 0.1 µs): no lock, no system call, no string. A worker that
is restarted on the same slot finds its counters again, so that they never go back.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from pathlib import Path

from llm_gateway.adapters.metrics.families import FAMILIES, Family

CAPACITY = 1 << 16
_BY_NAME = {family.name: family for family in FAMILIES}

Child = tuple[str, tuple[str, ...]]


class SharedCells:
    """`values[i]` are the cells (float64). Two files per slot: `<slot>.cells`, and `<slot>.keys` with one
    JSON line `[family, [label values], first cell]` per child."""

    def __init__(self, directory: Path, slot: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._children: dict[Child, int] = {}
        self._used = 0
        path = directory / f"{slot}.cells"
        with path.open("ab") as file:
            file.truncate(CAPACITY * 8)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), CAPACITY * 8)
        self.values = memoryview(self._map).cast("d")
        keys = directory / f"{slot}.keys"
        for family, labels, index in _read_keys(keys):
            self._children[family.name, labels] = index
            self._used = max(self._used, index + family.width)
            if family.kind == "gauge":
                self.values[index] = 0.0
        self._keys = keys

    def child(self, family: Family, *labels: str) -> int:
        """The first cell of a child, made on first use. Past the capacity every new child shares one cell row
        that is never exported: numbers may go missing then, memory does not."""
        key = (family.name, labels)
        index = self._children.get(key)
        if index is None:
            if self._used + family.width > CAPACITY - 64:
                return CAPACITY - 64
            index = self._used
            self._used += family.width
            self._children[key] = index
            with self._keys.open("a", encoding="utf-8") as keys:
                keys.write(json.dumps([family.name, labels, index]) + "\n")
        return index


def read_all(directory: Path) -> Iterator[tuple[Family, tuple[str, ...], list[float]]]:
    """Every child of every slot with its cells as they are now."""
    for keys in sorted(directory.glob("*.keys")):
        data = memoryview(keys.with_suffix(".cells").read_bytes()).cast("d")
        for family, labels, index in _read_keys(keys):
            yield family, labels, [float(cell) for cell in data[index : index + family.width]]


def _read_keys(path: Path) -> Iterator[tuple[Family, tuple[str, ...], int]]:
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            name, labels, index = json.loads(line)
        except ValueError:
            continue  # a line that is being written right now
        if name in _BY_NAME:
            yield _BY_NAME[name], tuple(labels), index
