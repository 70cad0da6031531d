"""Who may use the gateway, by what settings and configuration say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt.algorithms
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from llm_gateway.application.authenticate import Authenticate, ClientAccess
from llm_gateway.application.configuration import AuthSettings, ClientKey, GatewayConfiguration, JwtSettings
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container.client_access import (
    TokenVerifiers,
    client_access,
    is_loopback,
    refuse_opening,
)
from llm_gateway.entrypoints.settings import Settings

KEY = ClientKey(id="k", sha256="0" * 64, tenant="acme", expires=5.0)


def access(configured: AuthSettings | None = None, **settings: Any) -> ClientAccess | None:
    made = Settings().model_copy(update=settings)
    return client_access(made, GatewayConfiguration(auth=configured or AuthSettings()), TokenVerifiers())


@pytest.mark.parametrize(
    "settings", [{}, {"host": "127.0.0.1"}, {"host": "::1"}, {"platform_env": "staging"}]
)
def test_without_keys_loopback_is_open(settings: dict[str, Any]) -> None:
    assert access(**settings) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"platform_env": "prod"}, "PLATFORM_ENV=prod"),
        ({"host": "0.0.0.0"}, "0.0.0.0"),
        ({"host": "gateway.internal"}, "gateway.internal"),
        ({"k_service": "gateway"}, "Cloud Run"),
        ({"auth": "api_key"}, "api_key"),
    ],
)
def test_elsewhere_it_must_be_said(settings: dict[str, Any], said: str) -> None:
    """The refusal names what to set."""
    with pytest.raises(ConfigurationError, match="LLM_GATEWAY_API_KEYS") as caught:
        access(**settings)
    assert said in caught.value.message
    assert access(**{**settings, "auth": "none"}) is None


def test_keys_of_file_and_environment_stand_side_by_side() -> None:
    """The file's with what it says of them; the environment's may do everything."""
    found = access(AuthSettings(keys=(KEY,)), api_keys=(Secret("a"), Secret("b")), platform_env="prod")
    assert found is not None and len(found.principals) == 3
    ours = found.principals["0" * 64]
    assert (ours.tenant, ours.expires, ours.scopes) == ("acme", 5.0, {"inference"})
    assert found.principals[Secret("b").sha256()].may("admin")


def test_a_reload_does_not_open_what_was_closed() -> None:
    """Only `auth.mode: none` does."""
    before = Authenticate({}, now=lambda: 0.0)
    with pytest.raises(ConfigurationError, match="no client key is left"):
        refuse_opening(before, None, Settings(), GatewayConfiguration())
    refuse_opening(before, None, Settings(), GatewayConfiguration(auth=AuthSettings(mode="none")))


def test_a_key_set_file_is_read_at_once(tmp_path: Path) -> None:
    """One that cannot be used is refused with its path."""
    path = tmp_path / "keys.json"
    auth = AuthSettings(jwt=JwtSettings(issuer="i", audience="a", jwks_file=str(path)))
    with pytest.raises(ConfigurationError, match=r"keys\.json: No such file"):
        access(auth)
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match="JWK"):
        access(auth)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    path.write_text(json.dumps({"keys": [jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True)]}))
    found = access(auth)
    assert found is not None and found.tokens is not None


def test_roots_for_a_key_set_that_are_none_are_refused_at_once(tmp_path: Path) -> None:
    """Not with the first token."""
    auth = AuthSettings(
        jwt=JwtSettings(issuer="i", audience="a", jwks_url="https://h", jwks_ca_file=str(tmp_path / "ca.pem"))
    )
    with pytest.raises(ConfigurationError, match=r"auth.jwt.jwks_ca_file: .*ca\.pem"):
        access(auth)


@pytest.mark.parametrize(
    ("host", "is_one"), [("127.0.0.2", True), ("[::1]", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_loopback(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one
