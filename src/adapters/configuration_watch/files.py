"""ConfigurationWatch on files, by the directories that they are in.

Editors replace a file by renaming another over it, and Kubernetes swaps a symbolic link (`..data`) that the
file is reached through; both leave a watch on the file itself looking at something that is gone. So the
directory is watched and the content compared. The comparison also runs once a second without any event: that
covers links into other directories and file systems that send no events.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import awatch

from llm_gateway.application.ports.configuration_watch import ConfigurationWatch

DEBOUNCE_MS = 200
POLL_MS = 1000

Fingerprint = tuple[int, int, int, bytes]


class FileConfigurationWatch(ConfigurationWatch):
    """`paths` need not exist yet, nor their directories."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)

    async def changes(self) -> AsyncIterator[str]:
        seen = {path: _fingerprint(path, None) for path in self._paths}
        yield "watching began"
        async for _ in _ticks({path.parent for path in self._paths}):
            changed = []
            for path, old in seen.items():
                new = _fingerprint(path, old)
                if _content(new) != _content(old):
                    changed.append(path.name)
                seen[path] = new
            if changed:
                yield f"{', '.join(changed)} changed"


async def _ticks(directories: set[Path]) -> AsyncIterator[None]:
    """After each burst of events in the directories that exist now, and once a second."""
    watched = sorted(directory for directory in directories if directory.is_dir())
    while not watched:
        await asyncio.sleep(POLL_MS / 1000)
        yield
    events = awatch(
        *watched,
        debounce=DEBOUNCE_MS,
        rust_timeout=POLL_MS,
        yield_on_timeout=True,
        recursive=False,
        watch_filter=None,
        ignore_permission_denied=True,
    )
    async for _ in events:
        yield


def _fingerprint(path: Path, old: Fingerprint | None) -> Fingerprint | None:
    """Inode, size, time and digest, None for a file that is not there. Read only when the rest differs."""
    try:
        status = path.stat()
        identity = (status.st_ino, status.st_size, status.st_mtime_ns)
        if old is not None and old[:3] == identity:
            return old
        return (*identity, hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        return None


def _content(fingerprint: Fingerprint | None) -> bytes | None:
    return fingerprint[3] if fingerprint is not None else None
