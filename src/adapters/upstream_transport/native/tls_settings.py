"""TLS settings of one account, read from its files and made into a context."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from llm_gateway.adapters.upstream_transport.native.tls import client_context
from llm_gateway.application.ports.upstream_transport import TlsSettings
from llm_gateway.domain.errors import UpstreamNotReached


def read_tls_settings(
    *, ca_file: str | None, client_certificate: str | None, client_key: str | None
) -> TlsSettings:
    """The settings with the digest of what the files hold now. Reads from disk; raises ValueError naming the
    file that cannot be used."""
    digest = hashlib.sha256()
    for path in (ca_file, client_certificate, client_key):
        try:
            digest.update(hashlib.sha256(Path(path).read_bytes() if path else b"").digest())
        except OSError as exc:
            raise ValueError(f"{path} cannot be read: {exc.strerror}") from exc
    try:
        client_context(ca_file=ca_file)
    except OSError as exc:
        raise ValueError(f"{ca_file} holds no certificate in PEM form") from exc
    try:
        client_context(ca_file=ca_file, certificate=client_certificate, key=client_key)
    except OSError as exc:
        raise ValueError(f"{client_certificate} and its key do not make a client certificate") from exc
    return TlsSettings(
        ca_file=ca_file,
        client_certificate=client_certificate,
        client_key=client_key,
        digest=digest.hexdigest(),
    )


def context_of(tls: TlsSettings) -> ssl.SSLContext:
    """Raises UpstreamNotReached when the files are gone since the configuration was read."""
    try:
        return client_context(ca_file=tls.ca_file, certificate=tls.client_certificate, key=tls.client_key)
    except OSError as exc:
        raise UpstreamNotReached("the files of the configured TLS settings cannot be used") from exc
