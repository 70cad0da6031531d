"""Whom a gateway asks what its instance is called, and who writes it down."""

from __future__ import annotations

import json
from pathlib import Path

from llm_gateway.adapters.instance_name.host import HostName
from llm_gateway.entrypoints.container import build_container
from llm_gateway.entrypoints.settings import Settings
from tests.fakes.metadata_server import instance_id, metadata_server


async def named(directory: Path, **cloud_run: str) -> tuple[str, str]:
    """The line of the metrics page, and the instance in the spool's notes."""
    asked: list[bytes] = []
    with metadata_server(instance_id("00c527f6d4"), asked) as server:
        values = {"auth": "none", "spool_dir": directory / "spool", "run_dir": directory / "run", **cloud_run}
        values["environment"] = {"GCE_METADATA_HOST": server}
        container = build_container(Settings().model_copy(update=values))
        container.decision_log().open()
        await container.name_instance()()
        page = container.metrics_page().render().decode()
        notes = (container.decision_log().directory / "instances.json").read_text()
        container.decision_log().close()
    assert bool(asked) is ("k_service" in cloud_run)
    lines = [line for line in page.splitlines() if line.startswith("llm_gateway_instance_info")]
    return lines[0], json.loads(notes)[0]["instance"]


async def test_on_cloud_run_it_is_the_metadata_servers_id(tmp_path: Path) -> None:
    """With the revision."""
    line, noted = await named(tmp_path, k_service="gateway", k_revision="gateway-00001-abc")
    assert line == 'llm_gateway_instance_info{id="00c527f6d4",revision="gateway-00001-abc"} 1.0'
    assert noted == "00c527f6d4"


async def test_elsewhere_no_metadata_server_is_asked(tmp_path: Path) -> None:
    """It is the host's name."""
    line, noted = await named(tmp_path)
    assert noted == HostName().read() and f'id="{noted}"' in line
