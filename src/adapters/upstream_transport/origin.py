"""Origin: where an upstream is, parsed once from its configured text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from llm_gateway.domain.errors import ConfigurationError

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]\\]+)(?::([0-9]{1,5}))?/?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`host` is lower-case ASCII (IDNA applied) without brackets; `authority` is the `host` field's value."""

    scheme: str
    host: str
    port: int
    authority: bytes

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"


@lru_cache(maxsize=1024)
def parse_origin(text: str) -> Origin:
    """Parse `http(s)://host[:port]`.

    Raises ConfigurationError for anything else: user info, a path, a query, a port out of range.
    """
    match = _ORIGIN.fullmatch(text)
    if match is None:
        raise ConfigurationError("an upstream origin must look like https://host[:port]")
    scheme = match[1].lower()
    port = int(match[3]) if match[3] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise ConfigurationError("the port of an upstream origin must be between 1 and 65535")
    name = _ascii_host(match[2])
    authority = name if port == _DEFAULT_PORTS[scheme] else f"{name}:{port}"
    return Origin(scheme=scheme, host=name.strip("[]"), port=port, authority=authority.encode("ascii"))


def _ascii_host(host: str) -> str:
    try:
        return host.lower() if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as exc:
        raise ConfigurationError("the host of an upstream origin is not a valid name") from exc
