"""SpoolTrail: AuditTrail over a spool directory, one worker's directory, or one segment file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from llm_gateway.adapters.decision_log.chain import hashed_part
from llm_gateway.adapters.decision_log.segment import Segment, segments, worker_directories
from llm_gateway.application.ports.audit_trail import AuditTrail, TrailLine


class SpoolTrail(AuditTrail):
    """`path` as a person would name it on the command line. Raises FileNotFoundError when it is not there."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(f"no decision log at {path}")
        self._path = path

    def chains(self) -> Sequence[str]:
        if self._path.is_file() or segments(self._path):
            return (str(self._path),)
        return tuple(str(directory) for directory in worker_directories(self._path))

    def lines(self, chain: str) -> Iterator[TrailLine]:
        path = Path(chain)
        files = [Segment(path=path, number=1, start=0)] if path.is_file() else segments(path)
        for segment in files:
            for number, line in enumerate(segment.oldest_first(), start=1):
                yield _trail_line(f"{segment.path}:{number}", line)


def _trail_line(place: str, line: bytes) -> TrailLine:
    try:
        body, hash = hashed_part(line)
    except ValueError:
        return TrailLine(place=place, body=None, hash=None)
    return TrailLine(place=place, body=body, hash=hash)
