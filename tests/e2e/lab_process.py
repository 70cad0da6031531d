"""LabProcess: the lab as a process of its own, for tests that look at what the upstream saw."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.child import Child


class LabProcess(Child):
    def __init__(self, directory: Path) -> None:
        super().__init__((sys.executable, "-m", "llm_gateway", "lab", "--port", "0"), directory, {})
        self.url = self.until_printed(r"lab listens on (http://\S+)")[1]

    def requests(self) -> list[dict[str, Any]]:
        """What arrived since the last `forget`, oldest first."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/lab/requests", trust_env=False).json()
        return found

    def body(self, number: int) -> bytes:
        return httpx.get(f"{self.url}/lab/requests/{number}/body", trust_env=False).content

    def forget(self) -> None:
        httpx.delete(f"{self.url}/lab/requests", trust_env=False)

    def provider(self, name: str, *, type: str = "openai_compatible", more: str = "") -> str:
        """An entry of `providers` in gateway.yaml that leads here; it takes every model name."""
        path = {"anthropic": "", "google": "/v1beta"}.get(type, "/v1")
        return (
            f"  - id: {name}\n    type: {type}\n    base_url: {self.url}{path}\n"
            f"    api_key: upstream-key-of-{name}\n    models: ['*']\n{more}"
        )


@contextmanager
def running_lab() -> Iterator[LabProcess]:
    with tempfile.TemporaryDirectory(prefix="lab-e2e-") as directory:
        lab = LabProcess(Path(directory))
        try:
            yield lab
        finally:
            lab.stop()
