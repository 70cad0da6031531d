"""Where a key set comes from: over TLS, verified against the system's roots or one's own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from llm_gateway.adapters.token_verifier.key_set import fetch_key_set
from llm_gateway.application.configuration import JwtSettings


class Issuer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("location", "/keys")
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"keys")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is theirs."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def url(authority: trustme.CA) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = HTTPServer(("127.0.0.1", 0), Issuer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def settings(url: str, ca_file: Path | None = None) -> JwtSettings:
    return JwtSettings(
        issuer="i", audience="a", jwks_url=url, jwks_ca_file=None if ca_file is None else str(ca_file)
    )


def test_roots_of_ones_own_let_an_issuer_inside_be_asked(
    url: str, authority: trustme.CA, tmp_path: Path
) -> None:
    """A redirect is not followed: it could lead anywhere."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    assert fetch_key_set(settings(f"{url}/keys", path)) == "keys"
    with pytest.raises(OSError, match="answered 302"):
        fetch_key_set(settings(f"{url}/moved", path))


def test_an_issuer_that_nobody_vouches_for_is_not_believed(url: str, tmp_path: Path) -> None:
    """With the system's roots, and with those of somebody else."""
    path = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    for roots in (None, path):
        with pytest.raises(OSError, match="ConnectError"):
            fetch_key_set(settings(f"{url}/keys", roots))


def test_ssl_cert_file_names_the_systems_roots(
    url: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for every other program on the machine."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert fetch_key_set(settings(f"{url}/keys")) == "keys"
