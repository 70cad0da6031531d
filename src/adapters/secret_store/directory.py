"""DirectorySecretStore: one file for each secret, as Kubernetes and Docker mount them."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from llm_gateway.application.ports.secret_store import SecretStore, SecretUnavailable
from llm_gateway.application.secret import Secret

_MOST_BYTES = 64 * 1024  # what Secret Manager allows as well


class DirectorySecretStore(SecretStore):
    """The file `<directory>/<name>`; a name that would lead elsewhere is no secret."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, Secret | None] = {}

    @override
    def read(self, name: str) -> Secret | None:
        try:
            value = self._value(name)
        except SecretUnavailable:
            if self._known.get(name) is None:
                raise
            return self._known[name]
        self._known[name] = value
        return value

    @override
    def refresh(self) -> tuple[str, ...]:
        changed = []
        for name, before in list(self._known.items()):
            try:
                value = self._value(name)
            except SecretUnavailable:
                continue
            if value != before:
                self._known[name] = value
                changed.append(name)
        return tuple(changed)

    def _value(self, name: str) -> Secret | None:
        if "/" in name or "\0" in name or name in ("", ".", ".."):
            return None
        path = self._directory / name
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as exc:
            denied = isinstance(exc, PermissionError)
            raise SecretUnavailable(f"{path} cannot be read: {exc.strerror}", denied=denied) from exc
        if len(content) > _MOST_BYTES:
            raise SecretUnavailable(f"{path} is larger than {_MOST_BYTES} bytes")
        try:
            return Secret(content.decode("utf-8").strip()) or None
        except UnicodeDecodeError:
            raise SecretUnavailable(f"{path} is not UTF-8") from None
