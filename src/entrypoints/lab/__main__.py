"""`python -m llm_gateway.entrypoints.lab [PORT | fd:N]`: the lab in a process of its own.

`fd:N` is an inherited listening socket: `start --lab` takes the port before the child exists.
"""

from __future__ import annotations

import socket
import sys

from llm_gateway.entrypoints.lab.server import run


def main(arguments: list[str]) -> None:
    where = arguments[0] if arguments else "0"
    if where.startswith("fd:"):
        run(sock=socket.socket(fileno=int(where[3:])))
    else:
        run(port=int(where), ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
