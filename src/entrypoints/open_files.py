"""How many connections a process may have: the soft limit on open files, raised to the hard one.

Systems start processes with room for 1,024, kept low for programs that use select(); that many slow clients
would keep everybody else out.
"""

from __future__ import annotations

import sys


def raise_limit() -> None:
    """For this process and those that it starts. Does nothing where there is no such limit."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
