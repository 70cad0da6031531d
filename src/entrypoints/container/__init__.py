"""The container: the only package that names concrete adapters. Builds everything synchronously.

`wiring` is a serving process, `configuration` where its configuration comes from, `tools` what the
commands that run beside a gateway need.
"""

from __future__ import annotations

from llm_gateway.entrypoints.container.configuration import wants_lab
from llm_gateway.entrypoints.container.wiring import Container, build_container

__all__ = ["Container", "build_container", "wants_lab"]
