"""Child processes of `start`: they end when it ends, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from llm_gateway.entrypoints.settings import export_settings

_PR_SET_PDEATHSIG = 1  # prctl(2)
_STOP_S = 5.0


def spawn(
    module: str, arguments: Sequence[str], sockets: Sequence[socket.socket], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """`python -m module arguments`, with the sockets inherited and in a process group of its own.

    Of its own, because a Ctrl-C at the terminal must reach the parent only: it decides what ends when.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        pass_fds=[sock.fileno() for sock in sockets],
        env=export_settings(environment),
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


@contextlib.contextmanager
def lab_process() -> Iterator[str]:
    """The embedded lab on a free loopback port; yields its URL. The port accepts before the child is up."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        child = spawn("llm_gateway.entrypoints.lab", [f"fd:{listener.fileno()}"], [listener], {})
    try:
        yield url
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
