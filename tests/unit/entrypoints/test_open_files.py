"""The limit on open files."""

from __future__ import annotations

import resource

from llm_gateway.entrypoints.open_files import raise_limit


def test_the_soft_limit_becomes_the_hard_one() -> None:
    """Which stays."""
    soft, hard = before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    try:
        raise_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
