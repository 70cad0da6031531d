"""Canaries: the secrets that each gateway of the suite was given, looked for in all that it says and writes.

A gateway's bytes are what it prints, every file in its directory (spool, snapshots, history, scratch), the
command lines of its processes, and what the tests' own sockets receive from its port.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

PLANTED = {
    "RUVECTOR_API_KEY": "canary-ruvector-3f9a0c",
    "GATEWAY_SHARED_SECRET": "canary-shared-3f9a0c",
}
"""What every gateway of the suite has, unless its test sets something else."""

_SHORTEST = 6  # shorter ones are found by chance
_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|CANARY")
_IN_FILE = re.compile(r"\b(?:api_key|[\w-]+-(?:secret|token)|authorization): *\"?([^\s\"'{}\[\],$]+)")
_OVERLAP = 256
_by_port: dict[int, Canaries] = {}


class Canaries:
    """The secrets of one gateway. `seen` are those that were found, each with where."""

    def __init__(self, environment: Mapping[str, str], configuration: str) -> None:
        given = [value for name, value in environment.items() if _SECRET_NAME.search(name)]
        listed = [part for value in given if "/" not in value for part in value.split(",")]
        secrets = {text for text in (*listed, *_IN_FILE.findall(configuration)) if len(text) >= _SHORTEST}
        self.secrets = [text.encode() for text in sorted(secrets)]
        self.seen: list[str] = []
        self._tail = b""

    def look(self, data: bytes, where: str) -> None:
        self.seen += [f"{secret.decode()} in {where}" for secret in self.secrets if secret in data]

    def heard(self, data: bytes) -> None:
        """The next bytes from the gateway's port; connections are mixed, which finds no less."""
        self.look(self._tail + data, "an answer")
        self._tail = data[-_OVERLAP:]

    def listen(self, port: int) -> None:
        _by_port[port] = self

    def look_around(self, directories: Iterable[Path], pid: int) -> None:
        """In all their files but the configuration itself, and in the process's command lines."""
        for path in chain.from_iterable(directory.rglob("*") for directory in directories):
            if path.is_file() and path.name != "gateway.yaml":
                self.look(path.read_bytes(), str(path))
        for process in (pid, *_children(pid)):
            self.look(_command_line(process), f"the command line of {process}")

    def assert_none_seen(self) -> None:
        assert not self.seen, self.seen


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []  # not Linux, or ended already


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def overheard() -> Iterator[None]:
    """Every socket of this process tells the gateway's canaries what it receives from its port."""
    recv, recv_into = socket.socket.recv, socket.socket.recv_into

    def tapped_recv(self: socket.socket, *args: Any) -> bytes:
        data = recv(self, *args)
        _tell(self, data)
        return data

    def tapped_recv_into(self: socket.socket, buffer: Any, *args: Any) -> int:
        size = recv_into(self, buffer, *args)
        _tell(self, bytes(memoryview(buffer)[:size]))
        return size

    socket.socket.recv, socket.socket.recv_into = tapped_recv, tapped_recv_into  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.recv, socket.socket.recv_into = recv, recv_into  # type: ignore[method-assign]


def _tell(peer: socket.socket, data: bytes) -> None:
    try:
        address = peer.getpeername()
    except OSError:
        return
    canaries = _by_port.get(address[1]) if isinstance(address, tuple) else None
    if canaries is not None:
        canaries.heard(data)
