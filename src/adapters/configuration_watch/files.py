"""ConfigurationWatch on files, by the directories that they are in.

Editors replace a file by renaming another over it, and Kubernetes swaps a symbolic link (`..data`) that the
file is reached through; both leave a watch on the file itself looking at something that is gone. So the
directory is watched and the content compared. The comparison also runs once a second without any event: that
covers links into other directories and file systems that send no events.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import awatch

from llm_gateway.application.ports.configuration_watch import ConfigurationWatch

DEBOUNCE_MS = 200
POLL_MS = 1000

Fingerprint = tuple[int, int, int, bytes]


class FileConfigurationWatch(ConfigurationWatch):
    """`paths` may not exist yet; their directories must."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)

    async def changes(self) -> AsyncIterator[str]:
        seen = {path: _fingerprint(path, None) for path in self._paths}
        events = awatch(
            *sorted({path.parent for path in self._paths}),
            debounce=DEBOUNCE_MS,
            rust_timeout=POLL_MS,
            yield_on_timeout=True,
            recursive=False,
            watch_filter=None,
            ignore_permission_denied=True,
        )
        async for _ in events:
            changed = []
            for path, old in seen.items():
                new = _fingerprint(path, old)
                if _content(new) != _content(old):
                    changed.append(path.name)
                seen[path] = new
            if changed:
                yield f"{', '.join(changed)} changed"


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
