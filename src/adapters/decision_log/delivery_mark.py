"""The delivery mark: how far a worker's decision log has been settled, in `delivered.json` beside it.

    {"offset": 18211, "segment": 3}

`dead-letter.jsonl` beside it holds what was settled without being delivered.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from llm_gateway.adapters.file_replacement import replace_file
from llm_gateway.domain.spool_position import BEGINNING, SpoolPosition

_NAME = "delivered.json"


class _Mark(msgspec.Struct):
    offset: int
    segment: int


def load_mark(directory: Path) -> SpoolPosition:
    """The beginning when nothing (readable) was saved: what was delivered is then sent again, never lost."""
    try:
        mark = msgspec.json.decode((directory / _NAME).read_bytes(), type=_Mark)
    except (FileNotFoundError, msgspec.DecodeError):
        return BEGINNING
    return SpoolPosition(mark.segment, mark.offset)


def save_mark(directory: Path, position: SpoolPosition) -> None:
    """Atomic; synced, so that it does not outlive the records before it. Raises OSError."""
    mark = _Mark(offset=position.offset, segment=position.segment)
    replace_file(directory / _NAME, msgspec.json.encode(mark), 0o600)
