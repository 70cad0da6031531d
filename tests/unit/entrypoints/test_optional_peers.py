"""What is there, and who is told, with and without the optimizer's secret and the governance's endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from llm_gateway.adapters.governance.null import NullComplianceLog
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container import Container, build_container
from llm_gateway.entrypoints.http.app import create_app
from llm_gateway.entrypoints.http.control.rule_updates import PATH
from llm_gateway.entrypoints.settings import load_settings


def built(directory: Path, **settings: Any) -> Container:
    own = {"spool_dir": directory / "spool", "run_dir": directory / "run", "lab_url": "http://127.0.0.1:9"}
    return build_container(load_settings(**own, **settings))


@pytest.mark.parametrize(("secret", "status"), [(None, 404), (Secret("s"), 401)])
async def test_the_webhook_is_there_with_its_secret(
    tmp_path: Path, secret: Secret | None, status: int
) -> None:
    """In the application as in its document."""
    app = create_app(built(tmp_path, optimizer_webhook_secret=secret))
    assert (PATH in app.openapi()["paths"]) is (secret is not None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        assert (await client.post(PATH, json={})).status_code == status


def test_without_an_endpoint_nobody_is_in_any_chain(tmp_path: Path) -> None:
    """Authentication tells the metrics themselves."""
    container = built(tmp_path)
    governance = container.governance()
    assert isinstance(governance.log, NullComplianceLog)
    assert governance.refusals is container.metrics()
    assert (governance.feed, governance.tell) == (None, None)
    assert container.telemetry().feeds.figures() == ()
    assert container.telemetry().listeners == ()


def test_with_one_it_has_a_feed(tmp_path: Path) -> None:
    """Shown by its endpoint."""
    container = built(tmp_path, governance_endpoint="https://governance.test/api/observations")
    (figures,) = container.telemetry().feeds.figures()
    assert (figures.sink, figures.endpoint) == ("governance", "https://governance.test/api/observations")
    assert container.telemetry().listeners == (container.governance().tell.finished,)


def test_a_url_of_no_use_ends_the_start(tmp_path: Path) -> None:
    """With the variable's name, and not with what may hold a password."""
    with pytest.raises(ConfigurationError, match="GOVERNANCE_ENDPOINT must look like") as caught:
        built(tmp_path, governance_endpoint="http://user:secret@host/")
    assert "secret" not in caught.value.message
