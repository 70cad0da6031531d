"""TLS for upstreams: verified, with SNI, and with sessions that are used again."""

from __future__ import annotations

import ssl

import certifi


class ResumingContext(ssl.SSLContext):
    """A client context that offers the last session it had with a host.

    asyncio and uvloop make their TLS objects through `wrap_bio` and have no argument for a session.
    """

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        super().__init__()
        self._sessions: dict[str, ssl.SSLSession] = {}

    def remember(self, server_name: str, tls: ssl.SSLObject | None) -> None:
        """Keep the session of a connection that was read from: TLS 1.3 sends tickets after the handshake."""
        session = None if tls is None else tls.session
        if session is not None and session.has_ticket:
            self._sessions[server_name] = session

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        if session is None and isinstance(server_hostname, str):
            session = self._sessions.get(server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def client_context(
    *, ca_file: str | None = None, certificate: str | None = None, key: str | None = None
) -> ResumingContext:
    """A context that verifies chain and host name against `ca_file`, else the system's roots, else certifi's,
    and shows `certificate` (with `key`, unless that file holds it too) where a server asks for one.

    TLS 1.2 and later, as `ssl.create_default_context` has it, which cannot make a subclass. Reads a bundle of
    roots from disk, so it is for start-up. Raises OSError (ssl.SSLError is one) for files without use.
    """
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if certificate is not None:
        context.load_cert_chain(certificate, key, password=_no_password)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
        return context
    context.load_default_certs()
    if context.cert_store_stats()["x509_ca"] == 0:
        context.load_verify_locations(certifi.where())
    return context


def _no_password() -> str:
    """For an encrypted key: OpenSSL would ask on the terminal. An empty one is a clear error instead."""
    return ""


def was_ended(tls: ssl.SSLObject | None) -> bool:
    """Whether a connection at its end was ended by the peer and not by somebody in between.

    Only a TLS peer that says close_notify proves that (RFC 8446 §6.1); asyncio reports a bare end of the TCP
    stream in the same way. After close_notify a read returns nothing instead of asking for more.
    """
    if tls is None:
        return True
    try:
        return tls.read(1) == b""
    except ssl.SSLZeroReturnError:
        return True
    except ssl.SSLError:
        return False
