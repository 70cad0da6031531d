"""ProxyChoice: an UpstreamTransport that goes direct or through a proxy, by the origin of each request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from typing_extensions import override

from llm_gateway.application.ports.upstream_transport import (
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTransport,
)

_LOOPBACK = ("localhost", "127.", "[::1]", "::1")


def proxies_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Proxy URL by scheme (`https`, `http`, `all`, and `no` for the exceptions), read as curl reads them:
    either case of the name, lower case first, empty meaning none."""
    proxies = {}
    for scheme in ("https", "http", "all", "no"):
        value = environment.get(f"{scheme}_proxy") or environment.get(f"{scheme}_proxy".upper())
        if value:
            proxies[scheme] = value
    return proxies


def proxy_for(origin: str, proxies: Mapping[str, str]) -> str | None:
    """The URL of the proxy to that origin, of what `proxies_of` found. Loopback never goes through one."""
    url = urlsplit(origin)
    host = url.hostname or ""
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None or host.startswith(_LOOPBACK) or _excepted(host, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _excepted(host: str, exceptions: str) -> bool:
    """`no_proxy`: `*`, or comma-separated hosts and domains, a leading dot making no difference."""
    for entry in exceptions.split(","):
        domain = entry.strip().lower().lstrip(".")
        if domain == "*" or (domain and (host == domain or host.endswith(f".{domain}"))):
            return True
    return False


class ProxyChoice(UpstreamTransport):
    """`proxied` makes the transport for a proxy URL, on first use."""

    def __init__(
        self,
        direct: UpstreamTransport,
        proxies: Mapping[str, str],
        proxied: Callable[[str], UpstreamTransport],
    ) -> None:
        self._direct = direct
        self._proxies = proxies
        self._make = proxied
        self._made: dict[str, UpstreamTransport] = {}
        self._by_origin: dict[str, UpstreamTransport] = {}

    @override
    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        transport = self._by_origin.get(request.origin)
        if transport is None:
            transport = self._by_origin[request.origin] = self._choose(request.origin)
        return await transport.send(request)

    @override
    async def aclose(self) -> None:
        await asyncio.gather(*(transport.aclose() for transport in (self._direct, *self._made.values())))

    def _choose(self, origin: str) -> UpstreamTransport:
        proxy = proxy_for(origin, self._proxies)
        if proxy is None:
            return self._direct
        if proxy not in self._made:
            self._made[proxy] = self._make(proxy)
        return self._made[proxy]
