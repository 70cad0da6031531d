"""GatewayProcess: the real `llm-gateway start`, on a port of its own choice, ready to be asked."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from tests.e2e.canaries import PLANTED, Canaries
from tests.e2e.child import Child, wait_for

COMMAND = (sys.executable, "-m", "llm_gateway")
_LISTENS = r"listens on (http://\S+)"


class GatewayProcess(Child):
    """`url` without a final slash; `directory` holds configuration, spool and what was printed."""

    def __init__(self, directory: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.directory = directory
        self._scratch = scratch = directory.with_name("scratch")
        scratch.mkdir(parents=True, exist_ok=True)
        own = {"LLM_GATEWAY_SPOOL_DIR": str(directory / "spool"), "TMPDIR": str(scratch)}
        environment = {**PLANTED, **own, **environment}
        file = directory / "gateway.yaml"
        self.canaries = Canaries(environment, file.read_text() if file.exists() else "")
        super().__init__((*COMMAND, "start", "--port", "0", *arguments), directory, environment)
        self.url = self.until_printed(_LISTENS)[1]
        self.canaries.listen(urlsplit(self.url).port or 0)

    @override
    def stop(self) -> int:
        """As any child; and nothing that it said or wrote may hold a secret that it was given."""
        self.canaries.look_around((self.directory, self._scratch), self.pid)
        code = super().stop()
        self.canaries.look_around((self.directory,), self.pid)
        self.canaries.assert_none_seen()
        return code

    def until_ready(self) -> None:
        def ready() -> bool:
            try:
                return httpx.get(f"{self.url}/ready", trust_env=False).status_code == 200
            except httpx.TransportError:
                assert self.process.poll() is None, self.stderr
                return False

        wait_for(ready)

    def logs(self) -> list[dict[str, Any]]:
        """The lines of the log so far."""
        return [json.loads(line) for line in self.stderr.splitlines()]


@contextmanager
def running_gateway(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    configuration: str | None = None,
    until: Literal["ready", "listening"] = "ready",
) -> Iterator[GatewayProcess]:
    """A gateway for as long as the block lasts; `configuration` is the text of its gateway.yaml."""
    home = Path(tempfile.mkdtemp(prefix="gateway-e2e-"))
    directory = home / "gateway"
    directory.mkdir()
    if configuration is not None:
        (directory / "gateway.yaml").write_text(configuration)
        arguments = ("--config", str(directory / "gateway.yaml"), "--host", "127.0.0.1", *arguments)
    gateway = GatewayProcess(directory, arguments, environment or {})
    try:
        if until == "ready":
            gateway.until_ready()
        yield gateway
    finally:
        gateway.stop()
        shutil.rmtree(home)
