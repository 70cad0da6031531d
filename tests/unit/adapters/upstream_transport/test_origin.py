"""Origins are parsed strictly: they come from configuration, and a mistake there must show."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.upstream_transport.origin import parse_origin
from llm_gateway.domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "host", "port", "authority"),
    [
        ("https://api.example.com", "api.example.com", 443, b"api.example.com"),
        ("https://API.example.com:443/", "api.example.com", 443, b"api.example.com"),
        ("http://localhost:8080", "localhost", 8080, b"localhost:8080"),
        ("http://[::1]:8080", "::1", 8080, b"[::1]:8080"),
        ("https://[2001:db8::1]", "2001:db8::1", 443, b"[2001:db8::1]"),
        ("https://bücher.example", "xn--bcher-kva.example", 443, b"xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_host_port_and_authority(text: str, host: str, port: int, authority: bytes) -> None:
    """The default port is not repeated in `host`; an IPv6 address keeps its brackets only there."""
    origin = parse_origin(text)
    assert (origin.host, origin.port, origin.authority) == (host, port, authority)
    assert origin.is_tls == text.startswith("https")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.example.com",
        "ftp://a",
        "https://",
        "https://user:pass@a",
        "https://a/v1",
        "https://a?x",
        "https://a#x",
        "https://a b",
        "https://a\r\nb",
        "https://a:0",
        "https://a:65536",
        "https://a:x",
        "https://::1",
        "https://" + "ü" * 70,
    ],
)
def test_anything_else_is_a_configuration_error(text: str) -> None:
    """User info, paths, queries and broken hosts or ports are refused."""
    with pytest.raises(ConfigurationError):
        parse_origin(text)
