"""Base URLs of upstreams: what is allowed in configuration, and which addresses are refused.

No request can choose a host, so the configuration is the only way to point the gateway (and the credentials
that it sends) at an instance metadata service; that takes an explicit `allow_link_local: true`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from llm_gateway.adapters.upstream_transport.link_local import is_link_local

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?", re.ASCII)


def check_base_url(text: str, *, allow_link_local: bool = False) -> str:
    """The URL without a trailing slash. Raises ValueError with the reason; a credential is never repeated."""
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError as exc:
        raise ValueError("is not a URL") from exc
    if url.scheme not in ("http", "https"):
        raise ValueError("must begin with https:// or http://")
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user name or password; use api_key or headers")
    if "?" in text or "#" in text:
        raise ValueError("must not have a query or a fragment")
    if not host or not _HOST.fullmatch(host) or port == 0:
        raise ValueError("has no usable host (write other scripts in their xn-- form)")
    if not _PATH.fullmatch(url.path) or text != text.strip() or ".." in url.path.split("/"):
        raise ValueError("has a path with characters that do not belong there")
    if not allow_link_local and is_link_local(host):
        raise ValueError("is a link-local or metadata address; set allow_link_local: true if it is meant")
    return text.rstrip("/")
