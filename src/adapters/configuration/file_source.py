"""ConfigurationSource on a file: `gateway.yaml`."""

from __future__ import annotations

import stat
import time
from pathlib import Path

from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.adapters.file_replacement import replace_file
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.ports.configuration_source import ConfigurationSource, LoadedConfiguration
from llm_gateway.domain.errors import ConfigurationError

MAX_BYTES = 4 * 1024 * 1024
FRESH_S = 0.5
PAUSE_S = 0.05
MAX_REREADS = 20


class FileConfigurationSource(ConfigurationSource[GatewayConfiguration]):
    """The file is read whole each time; errors name it as `path` was given."""

    def __init__(self, path: Path, reader: ConfigurationReader) -> None:
        self._path = path
        self._reader = reader

    def load(self) -> LoadedConfiguration[GatewayConfiguration]:
        return self.check(self._text())

    def check(self, text: str) -> LoadedConfiguration[GatewayConfiguration]:
        return self._reader.read(text, str(self._path))

    def write(self, text: str) -> None:
        """Replaces the file (the one that a symbolic link leads to) by a new one with the same mode."""
        try:
            target = self._path.resolve()
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
            replace_file(target, text.encode("utf-8"), mode)
        except OSError as exc:
            raise self._error(f"cannot be written: {exc.strerror}") from exc

    def _text(self) -> str:
        try:
            content = _settled_content(self._path)
        except OSError as exc:
            raise self._error(f"cannot be read: {exc.strerror}") from exc
        if len(content) > MAX_BYTES:
            raise self._error(f"is larger than {MAX_BYTES} bytes")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as exc:
            line = content[: exc.start].count(b"\n") + 1
            raise self._error(f"is not UTF-8 (line {line})", line=line) from exc

    def _error(self, reason: str, line: int | None = None) -> ConfigurationError:
        return ConfigurationError(f"{self._path}: {reason}", line=line)


def _settled_content(path: Path) -> bytes:
    """The content, read again until it stays the same when it was written a moment ago.

    Not everybody replaces a file as a whole: between truncating and writing it is empty, which would be a
    valid configuration.
    """
    content = _content(path)
    for _ in range(MAX_REREADS):
        if abs(time.time() - path.stat().st_mtime) > FRESH_S:
            break
        time.sleep(PAUSE_S)
        previous, content = content, _content(path)
        if content == previous:
            break
    return content


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
