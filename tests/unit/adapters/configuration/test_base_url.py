"""Base URLs: what may be configured as an upstream."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.configuration.base_url import check_base_url


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("http://10.0.0.7/deployments/gpt-4o", "http://10.0.0.7/deployments/gpt-4o"),
        ("http://vllm:8000/v1", "http://vllm:8000/v1"),
    ],
)
def test_http_urls_are_taken_without_their_trailing_slash(text: str, result: str) -> None:
    """Loopback and private networks are where self-hosted models live."""
    assert check_base_url(text) == result


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://x/", "must begin with"),
        ("api.openai.com/v1", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("https://user:hunter2@x/", "user name or password"),
        ("https://@x/", "user name or password"),
        ("https://x/?key=hunter2", "query or a fragment"),
        ("https://x/?", "query or a fragment"),
        ("https://x/#", "query or a fragment"),
        ("https:///v1", "no usable host"),
        ("https://x:0/", "no usable host"),
        ("https://x:99999/", "is not a URL"),
        ("https://[::1/", "is not a URL"),
        ("https://bücher.example/", "no usable host"),
        ("https://x/a b", "characters"),
        ("https://x/a\\b", "characters"),
        ("https://x/../etc", "characters"),
        (" https://x/", "characters"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str, reason: str) -> None:
    """The reason never holds what might be a credential."""
    with pytest.raises(ValueError, match=reason) as caught:
        check_base_url(text)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "metadata",
        "100.100.100.200",
        "168.63.129.16",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
    ],
)
def test_metadata_services_take_explicit_permission(host: str) -> None:
    """In every spelling that a resolver would accept."""
    with pytest.raises(ValueError, match="link-local or metadata"):
        check_base_url(f"http://{host}/v1")
    assert check_base_url(f"http://{host}/v1", allow_link_local=True) == f"http://{host}/v1"


@pytest.mark.parametrize(
    "host", ["170.254.169.254", "[fd00:ec3::1]", "metadata.example", "face.example", "1.example"]
)
def test_similar_hosts_are_not_refused(host: str) -> None:
    """Only what is really link-local or known to be a metadata service."""
    assert check_base_url(f"https://{host}")
