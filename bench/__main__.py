"""`make bench`: what the gateway costs beside a bare forwarder on the same server, in one run.

Upstream and load share one core, the servers take turns on the other. Rounds are interleaved and figures are
medians, so that the ratios hold on a machine that others use as well; the absolute figures then do not.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from bench.parts import PARTS, STANDARD
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
    effort = (
        Effort(rounds=1, seconds=0.3) if given.smoke else Effort(rounds=given.rounds, seconds=given.seconds)
    )
    for part in given.parts or STANDARD:
        table = PARTS[part](effort)
        print(f"{table.heading}\n\n{markdown(table)}\n", flush=True)
        if given.write:
            write(part, table, effort)
    print(heading(effort))
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; default: {' '.join(STANDARD)}"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="per server and round")
    parser.add_argument("--write", action="store_true", help="put the tables into bench/README.md")
    parser.add_argument("--smoke", action="store_true", help="one short round: does it work?")
    given = parser.parse_args(arguments)
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if given.rounds < 1 or given.seconds <= 0:
        parser.error("--rounds and --seconds must be positive")
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
