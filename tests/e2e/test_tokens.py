"""A gateway that takes signed tokens: the key set by URL, refusals, and keys beside them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import running_gateway

KEY = ec.generate_private_key(ec.SECP256R1())
FILE = """
auth:
  jwt: {{issuer: "https://issuer.example", audience: gateway, jwks_url: "{url}"}}
"""


class Issuer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        keys = [{**ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one"}]
        body = json.dumps({"keys": keys}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is theirs."""


def token(**claims: Any) -> dict[str, str]:
    said = {
        "iss": "https://issuer.example",
        "aud": "gateway",
        "sub": "someone",
        "tenant": "acme",
        "scope": "inference agents:read",
        "exp": time.time() + 300,
        **claims,
    }
    return {"authorization": f"Bearer {jwt.encode(said, KEY, 'ES256', headers={'kid': 'one'})}"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """`PLATFORM_ENV=prod` is content with tokens alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = FILE.format(url=f"http://127.0.0.1:{server.server_address[1]}/jwks")
    environment = {"PLATFORM_ENV": "prod"}
    try:
        with (
            running_gateway("--lab", configuration=text, environment=environment) as gateway,
            httpx.Client(base_url=gateway.url, trust_env=False) as client,
        ):
            wait_for(lambda: client.get("/v1/models", headers=token()).status_code == 200)
            yield client
    finally:
        server.shutdown()
        server.server_close()


def test_a_token_lets_in_and_brings_its_tenant(http: httpx.Client) -> None:
    ask = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}
    answer = http.post("/v1/chat/completions", json=ask, headers=token())
    path = f"/v1/decisions/{answer.headers['x-decision-id']}"
    assert http.get(path, headers=token()).status_code == 200
    assert http.get(path, headers=token(tenant="other")).status_code == 404


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "elsewhere"}, 401),
        ({"exp": 1}, 401),
        ({"tenant": None}, 401),
        ({"scope": "agents:write"}, 403),
    ],
)
def test_a_token_that_does_not_do(http: httpx.Client, claims: dict[str, Any], status: int) -> None:
    answer = http.get("/v1/models", headers=token(**claims))
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) is (status == 401)
