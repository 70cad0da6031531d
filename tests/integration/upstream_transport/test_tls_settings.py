"""TLS settings of one account: its own roots and its client certificate, in both transports."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from llm_gateway.adapters.upstream_transport.httpx_transport import HttpxTransport
from llm_gateway.adapters.upstream_transport.native.tls_settings import read_tls_settings
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import UpstreamRequest, UpstreamTransport
from llm_gateway.domain.errors import UpstreamError
from tests.fakes.loopback_server import LoopbackServer, Peer, Received

REQUEST = UpstreamRequest(method="GET", origin="", target="/x", headers=(), body=b"")
Make = Callable[[], UpstreamTransport]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=[NativeTransport, HttpxTransport])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """Paths of the roots, and of a client's certificate and key."""
    client = authority.issue_cert("client@gateway.example")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    for number, part in enumerate(client.cert_chain_pems):
        part.write_to_path(str(tmp_path / "client.pem"), append=number > 0)
    names = {"ca_file": "ca.pem", "client_certificate": "client.pem", "client_key": "client.key"}
    return {name: str(tmp_path / file) for name, file in names.items()}


def mutual(authority: trustme.CA) -> ssl.SSLContext:
    """A server that takes only clients with a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def hello(_received: Received, peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")


async def test_a_client_certificate_is_shown(
    authority: trustme.CA, files: dict[str, str], make: Make
) -> None:
    """To an upstream whose private roots are trusted; another account on the same origin has neither."""
    transport = make()
    async with LoopbackServer(hello, tls=mutual(authority)) as server:
        request = replace(REQUEST, origin=server.origin)
        ours = replace(request, tls=read_tls_settings(**files))
        assert await (await transport.send(ours)).read(10) == b"hello"
        with pytest.raises(UpstreamError):
            await transport.send(request)
        await transport.aclose()


async def test_without_a_certificate_it_is_refused(
    authority: trustme.CA, files: dict[str, str], make: Make
) -> None:
    transport = make()
    only_roots = read_tls_settings(ca_file=files["ca_file"], client_certificate=None, client_key=None)
    async with LoopbackServer(hello, tls=mutual(authority)) as server:
        with pytest.raises(UpstreamError):
            await transport.send(replace(REQUEST, origin=server.origin, tls=only_roots))
        await transport.aclose()


def test_other_contents_are_other_settings(files: dict[str, str]) -> None:
    """So that a reload after a rotation opens new connections."""
    before = read_tls_settings(**files)
    assert before == read_tls_settings(**files)
    with Path(files["ca_file"]).open("a") as file:
        file.write("\n")
    assert before != read_tls_settings(**files)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ca_file", None, "cannot be read"),
        ("ca_file", "rubbish", "no certificate"),
        ("client_key", None, "cannot be read"),
        ("client_key", "rubbish", "do not make"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    files: dict[str, str], name: str, content: str | None, said: str
) -> None:
    """Its content is not repeated."""
    path = Path(files[name])
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(ValueError, match=said) as caught:
        read_tls_settings(**files)
    assert "rubbish" not in str(caught.value)
