"""`make bench`: what the gateway costs beside a bare forwarder on the same server, in one run.

Upstream and load share one core, the servers take turns on the other. Rounds are interleaved and figures are
medians, so that the ratios hold on a machine that others use as well; the absolute figures then do not.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
from pathlib import Path

from bench.parts import ALL, PARTS, STANDARD
from bench.process import pin
from bench.report import heading, markdown, write
from bench.servers import OTHER_CORE
from bench.table import Effort


def main(arguments: list[str]) -> int:
    given = _parse(arguments)
    if not Path("/proc/self/stat").exists():
        print("bench: needs Linux: it reads CPU time from /proc", file=sys.stderr)
        return 1
    # Ends the servers as well: they are children of blocks that are left.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    pin(OTHER_CORE)
    _open_files()
    effort = Effort(rounds=given.rounds, seconds=given.seconds, minutes=given.minutes)
    if given.smoke:
        effort = Effort(rounds=1, seconds=0.3, minutes=0.02)
    for part in ALL if given.parts == ["all"] else given.parts or STANDARD:
        table = PARTS[part](effort)
        print(f"{table.heading}\n\n{markdown(table)}\n", flush=True)
        if given.write and not write(part, table, effort):
            print(f"bench/README.md has no place for {part}: not written", file=sys.stderr)
    print(heading(str(effort)))
    return 0


def _open_files() -> None:
    """As many as may be, for this program and the servers: a thousand streams are two thousand sockets."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help=f"{', '.join(PARTS)}; all: without cost and memory; default: {' '.join(STANDARD)}",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="per server and round")
    parser.add_argument("--minutes", type=float, default=10.0, help="of load, for memory")
    parser.add_argument("--write", action="store_true", help="put the tables into bench/README.md")
    parser.add_argument("--smoke", action="store_true", help="one short round: does it work?")
    given = parser.parse_args(arguments)
    unknown = set(given.parts) - set(PARTS)
    if unknown and given.parts != ["all"]:
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}, or all alone")
    if given.rounds < 1 or given.seconds <= 0 or given.minutes <= 0:
        parser.error("--rounds, --seconds and --minutes must be positive")
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
