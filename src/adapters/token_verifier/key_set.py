"""Where a JWK set comes from: a file, or a URL."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.upstream_transport.native.tls import client_context
from llm_gateway.application.configuration import JwtSettings

_MOST_BYTES = 1024 * 1024
_TIMEOUT_S = 5.0


def fetch_key_set(settings: JwtSettings) -> str:
    """The set's text. Blocks; raises OSError with the place and the reason."""
    if settings.jwks_file is not None:
        return _from_file(Path(settings.jwks_file))
    return _from_url(settings.jwks_url or "", settings.jwks_ca_file)


def _from_file(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")


def _from_url(url: str, ca_file: str | None) -> str:
    import httpx  # only gateways with a URL pay for it at start

    tls, shown = client_context(ca_file=ca_file), url.partition("?")[0]
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT_S, follow_redirects=False, verify=tls) as response:
            if response.status_code != 200:
                raise OSError(f"{shown} answered {response.status_code}")
            text = b""
            for piece in response.iter_bytes():
                text += piece
                if len(text) > _MOST_BYTES:
                    raise OSError(f"{shown} answered with more than {_MOST_BYTES} bytes")
            return text.decode("utf-8", "replace")
    except httpx.HTTPError as exc:
        raise OSError(f"{shown}: {type(exc).__name__}") from exc
