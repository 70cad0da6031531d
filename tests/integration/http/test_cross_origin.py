"""CORS: for the listed origins, in front of the real application."""

from __future__ import annotations

import httpx
import pytest

from llm_gateway.application.configuration import GatewayConfiguration, ServerSettings
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.http.cross_origin import cross_origin
from tests.fakes.configuration_reading import read
from tests.integration.http.served import served

OURS = "https://app.example"
HEADERS = {"origin": OURS, "access-control-request-method": "POST"}


async def app(scope: object, receive: object, send: object) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-decision-id", b"1")]})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"{}"})  # type: ignore[operator]


async def test_a_page_of_a_listed_origin_may_ask_and_read() -> None:
    """Its preflight first; without cookies."""
    async with served(cross_origin(app, (OURS,))) as (port, _), httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        asked = await http.options(url, headers={**HEADERS, "access-control-request-headers": "x-api-key"})
        answer = await http.post(url, headers={"origin": OURS})
    assert asked.status_code == 200 and "x-api-key" in asked.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "x-decision-id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_of_another_origin_is_told_nothing() -> None:
    async with served(cross_origin(app, (OURS,))) as (port, _), httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        refused = await http.options(url, headers={**HEADERS, "origin": "https://app.example.evil"})
        answer = await http.post(url, headers={"origin": "https://app.example.evil"})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in {*refused.headers, *answer.headers}


def test_it_is_off_unless_configured() -> None:
    """And then nothing stands in front of the application."""
    assert cross_origin(app, GatewayConfiguration().server.cors_origins) is app


@pytest.mark.parametrize(
    "origin", ["*", "app.example", "https://app.example/", "https://u@app.example", "null"]
)
def test_only_an_origin_is_one(origin: str) -> None:
    with pytest.raises(ConfigurationError, match=r"server\.cors_origins"):
        read(f"server: {{cors_origins: ['{origin}']}}")
    assert read(f"server: {{cors_origins: ['{OURS}']}}").server == ServerSettings(cors_origins=(OURS,))
