"""TLS of the native transport: what is accepted, what is refused, what is used again."""

from __future__ import annotations

import asyncio
import datetime
import ssl

import pytest
import trustme

from llm_gateway.adapters.upstream_transport.native.tls import ResumingContext, client_context
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamNotReached
from tests.fakes.loopback_server import Handler, LoopbackServer, Peer, Received

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"content-length: 5\r\n\r\nhello"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ResumingContext:
    context = client_context()
    authority.configure_trust(context)
    return context


def says(answer: bytes) -> Handler:
    async def handler(_received: Received, peer: Peer) -> None:
        await peer.send(answer)

    return handler


def request(origin: str) -> UpstreamRequest:
    return UpstreamRequest(method="GET", origin=origin, target="/x", headers=(), body=b"")


def by_name(server: LoopbackServer) -> str:
    return server.origin.replace("127.0.0.1", "localhost")


async def test_a_trusted_certificate_for_the_name_is_accepted(authority: trustme.CA) -> None:
    """The name goes out as SNI, the connection is used again."""
    seen: list[str | None] = []
    context = server_context(authority.issue_cert("localhost"))
    context.sni_callback = lambda _tls, name, _context: seen.append(name)
    async with LoopbackServer(says(HELLO), tls=context) as server:
        transport = NativeTransport(tls=trusting(authority))
        for _ in range(2):
            assert await (await transport.send(request(by_name(server)))).read(10) == b"hello"
        await transport.aclose()
    assert seen == ["localhost"]
    assert server.connections == 1


async def test_an_address_in_the_certificate_is_accepted(authority: trustme.CA) -> None:
    """Private upstreams are reached by address."""
    context = server_context(authority.issue_cert("127.0.0.1"))
    async with LoopbackServer(says(HELLO), tls=context) as server:
        transport = NativeTransport(tls=trusting(authority))
        assert await (await transport.send(request(server.origin))).read(10) == b"hello"
        await transport.aclose()


def expired(authority: trustme.CA) -> trustme.LeafCert:
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    return authority.issue_cert(
        "localhost", not_before=yesterday - datetime.timedelta(days=9), not_after=yesterday
    )


@pytest.mark.parametrize(
    ("certificate", "word"),
    [
        (expired, "expired"),
        (lambda ca: ca.issue_cert("other.test"), "Hostname mismatch"),
        (lambda _ca: trustme.CA().issue_cert("localhost"), "unable to get local issuer"),
    ],
    ids=["expired", "another host", "another authority"],
)
async def test_a_bad_certificate_is_not_reached(authority: trustme.CA, certificate, word: str) -> None:
    """Not one byte of the request was sent, and the reason is given."""
    async with LoopbackServer(says(HELLO), tls=server_context(certificate(authority))) as server:
        transport = NativeTransport(tls=trusting(authority))
        with pytest.raises(UpstreamNotReached) as caught:
            await transport.send(request(by_name(server)))
        assert transport._origins[by_name(server)].pool.taken == 0
        await transport.aclose()
    assert word in caught.value.message
    assert server.requests == []


async def test_the_default_context_trusts_no_private_authority(authority: trustme.CA) -> None:
    """Without configuration the public roots decide."""
    async with LoopbackServer(says(HELLO), tls=server_context(authority.issue_cert("localhost"))) as server:
        transport = NativeTransport()
        with pytest.raises(UpstreamNotReached):
            await transport.send(request(by_name(server)))
        await transport.aclose()


async def test_plain_text_on_a_tls_port_is_not_reached(authority: trustme.CA) -> None:
    """A peer that does not speak TLS gets no request."""

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(shout, "127.0.0.1", 0)
    transport = NativeTransport(tls=trusting(authority))
    with pytest.raises(UpstreamNotReached):
        await transport.send(request(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    server.close()
    await transport.aclose()


async def test_a_session_is_used_again_on_the_next_connection(authority: trustme.CA) -> None:
    """A second connection to the same host saves the full handshake."""
    context = server_context(authority.issue_cert("localhost"))
    answer = OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello"
    resumed: list[bool] = []

    async def handler(received: Received, peer: Peer) -> None:
        resumed.append(peer.writer.get_extra_info("ssl_object").session_reused)
        await peer.send(HELLO if received.connection == 1 else answer)

    async with LoopbackServer(handler, tls=context) as server:
        tls = trusting(authority)
        for _ in range(2):
            transport = NativeTransport(tls=tls)
            await (await transport.send(request(by_name(server)))).read(10)
            await transport.aclose()
    assert resumed == [False, True]


async def test_a_truncated_body_is_not_a_finished_one(authority: trustme.CA) -> None:
    """An until-close body whose TLS was cut by somebody in between is a failure."""

    async def cut(_received: Received, peer: Peer) -> None:
        await peer.send(OK + b"\r\nhalf of it")
        await asyncio.sleep(0.02)
        peer.reset()

    async with LoopbackServer(cut, tls=server_context(authority.issue_cert("localhost"))) as server:
        transport = NativeTransport(tls=trusting(authority))
        response = await transport.send(request(by_name(server)))
        with pytest.raises(UpstreamDisconnected):
            await response.read(100)
        await transport.aclose()


async def test_a_body_ended_by_a_proper_close_is_whole(authority: trustme.CA) -> None:
    """close_notify is the upstream's word that this was all."""

    async def end(_received: Received, peer: Peer) -> None:
        await peer.send(OK + b"\r\nall of it")
        peer.writer.close()
        await peer.writer.wait_closed()

    async with LoopbackServer(end, tls=server_context(authority.issue_cert("localhost"))) as server:
        transport = NativeTransport(tls=trusting(authority))
        assert await (await transport.send(request(by_name(server)))).read(100) == b"all of it"
        await transport.aclose()


async def test_a_large_exchange_goes_through_tls(authority: trustme.CA) -> None:
    """Back-pressure works on top of TLS, both ways."""

    async def echo(received: Received, peer: Peer) -> None:
        await peer.send(OK + b"content-length: %d\r\n\r\n" % len(received.body), received.body)

    async with LoopbackServer(echo, tls=server_context(authority.issue_cert("localhost"))) as server:
        transport = NativeTransport(tls=trusting(authority))
        body = bytes(range(256)) * 16384
        ask = UpstreamRequest(method="POST", origin=by_name(server), target="/x", headers=(), body=body)
        response = await transport.send(ask)
        await asyncio.sleep(0.02)
        assert await response.read(len(body)) == body
        await transport.aclose()
