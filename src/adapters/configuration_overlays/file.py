"""ConfigurationOverlays in one JSON file, shared by all workers of a host."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from llm_gateway.adapters.file_lock import file_lock
from llm_gateway.adapters.file_replacement import replace_file
from llm_gateway.application.configuration_change import ConfigurationChange, ConfigurationOverlay
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays


class FileConfigurationOverlays(ConfigurationOverlays):
    """Its directory is made on first use, for its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> ConfigurationOverlay | None:
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            document = json.loads(self._path.read_bytes())
            changes = tuple(ConfigurationChange.from_document(change) for change in document["changes"])
            events = tuple(document.get("events", ()))
            return ConfigurationOverlay(base=document["base"], changes=changes, events=events)
        return None

    def replace(self, old: ConfigurationOverlay | None, new: ConfigurationOverlay | None) -> bool:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock(self._path.with_name(f".{self._path.name}.lock")):
            if self.load() != old:
                return False
            if new is None:
                self._path.unlink(missing_ok=True)
            else:
                document = {
                    "base": new.base,
                    "changes": [change.document() for change in new.changes],
                    "events": new.events,
                }
                replace_file(self._path, json.dumps(document, indent=1).encode(), 0o600)
            return True
