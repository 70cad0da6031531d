"""Whether the spool can be written, found out before anything is served."""

from __future__ import annotations

import tempfile
from pathlib import Path

from llm_gateway.domain.errors import ConfigurationError


def check_spool(path: Path) -> None:
    """Make the directory and write into it once. Raises ConfigurationError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as exc:
        raise unusable_spool(path, exc) from exc


def unusable_spool(path: Path, exc: OSError) -> ConfigurationError:
    """One line with the path, the reason and the way out."""
    return ConfigurationError(
        f"the spool {path.absolute()} cannot be written: {exc.strerror};"
        " name another with LLM_GATEWAY_SPOOL_DIR",
        path="LLM_GATEWAY_SPOOL_DIR",
    )
