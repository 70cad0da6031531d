"""ConfigurationHistory in a directory: `<id>.json`, one file a version, shared by all workers of a host."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from llm_gateway.adapters.configuration_history.version_id import is_version_id, version_id
from llm_gateway.adapters.file_lock import file_lock
from llm_gateway.adapters.file_replacement import replace_file
from llm_gateway.application.configuration_change import ConfigurationChange
from llm_gateway.application.ports.configuration_history import ConfigurationHistory, ConfigurationVersion


class DirectoryConfigurationHistory(ConfigurationHistory):
    """The directory is made on first use, for its owner only. A file that is not a version is passed over."""

    def __init__(self, directory: Path, keep: int = 50) -> None:
        self._directory = directory
        self._keep = keep

    def record(self, version: ConfigurationVersion) -> str:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock(self._directory / ".lock"):
            newest = next(self._versions(), None)
            if newest is not None and newest[1].same_content(version):
                return newest[0]
            ids = self._ids()
            identifier = version_id(version.recorded_at, ids[0] if ids else None)
            content = json.dumps(_document(version), ensure_ascii=False, indent=1).encode()
            replace_file(self._directory / f"{identifier}.json", content, 0o600)
            for old in ids[self._keep - 1 :]:
                (self._directory / f"{old}.json").unlink(missing_ok=True)
        return identifier

    def list(self) -> Sequence[tuple[str, ConfigurationVersion]]:
        return tuple(self._versions())

    def load(self, version_id: str) -> ConfigurationVersion | None:
        return self._read(version_id) if is_version_id(version_id) else None

    def _versions(self) -> Iterator[tuple[str, ConfigurationVersion]]:
        for identifier in self._ids():
            version = self._read(identifier)
            if version is not None:
                yield identifier, version

    def _ids(self) -> Sequence[str]:
        """Newest first."""
        names = (path.stem for path in self._directory.glob("*.json"))
        return sorted((name for name in names if is_version_id(name)), reverse=True)

    def _read(self, identifier: str) -> ConfigurationVersion | None:
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            return _version(json.loads((self._directory / f"{identifier}.json").read_bytes()))
        return None


def _document(version: ConfigurationVersion) -> dict[str, object]:
    return {
        "recorded_at": version.recorded_at,
        "reason": version.reason,
        "digest": version.digest,
        "snapshot_hash": version.snapshot_hash,
        "changes": [change.document() for change in version.changes],
        "text": version.text,
    }


def _version(document: dict[str, object]) -> ConfigurationVersion:
    changes = document.pop("changes")
    if not isinstance(changes, list):
        raise TypeError("changes is not a list")
    parsed = tuple(ConfigurationChange.from_document(change) for change in changes)
    return ConfigurationVersion(**document, changes=parsed)  # type: ignore[arg-type]
