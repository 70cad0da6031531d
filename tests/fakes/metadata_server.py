"""A metadata server on loopback that answers with given bytes, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def metadata_server(answer: bytes | None, asked: list[bytes] | None = None) -> Iterator[str]:
    """`host:port`. `answer` is everything that is sent to each connection; None leaves it waiting.

    `asked` collects what came in.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                received = connection.recv(4096)
                if asked is not None:
                    asked.append(received)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield "{}:{}".format(*listener.getsockname())
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


def instance_id(text: str, *, status: str = "200 OK", flavor: str = "Google") -> bytes:
    """The answer of a metadata server to the question for the instance's id."""
    head = f"HTTP/1.1 {status}\r\nMetadata-Flavor: {flavor}\r\nContent-Length: {len(text)}\r\n\r\n"
    return (head + text).encode()
