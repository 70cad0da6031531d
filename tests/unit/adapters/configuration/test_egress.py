"""TLS of a provider in gateway.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_reading import read

PROVIDER = 'providers: [{id: p, type: openai_compatible, base_url: "https://a.example", api_key: k, %s}]'


def test_roots_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    account = read(PROVIDER % f"tls: {{ca_file: {path}}}").providers[0]
    assert account.tls is not None and account.tls.ca_file == str(path)


@pytest.mark.parametrize(
    "setting", ["verify: false", "insecure: true", "tls: {verify: false}", "verify_tls: no"]
)
def test_verification_cannot_be_turned_off(setting: str) -> None:
    """There is no such key, and an unknown key is an error."""
    with pytest.raises(ConfigurationError, match="unknown"):
        read(PROVIDER % setting)


@pytest.mark.parametrize(
    ("tls", "said"), [("ca_file: /absent.pem", "cannot be read"), ("client_key: k.pem", "client_certificate")]
)
def test_what_cannot_work_is_refused_when_it_is_read(tls: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read(PROVIDER % f"tls: {{{tls}}}")
