"""Who is let in."""

from __future__ import annotations

from hashlib import sha256

import pytest

from llm_gateway.application.authenticate import Authenticate
from llm_gateway.domain.errors import AuthenticationFailed, PermissionDenied
from llm_gateway.domain.principal import ANONYMOUS, Principal

KEY = b"client-key"
READER = Principal(id="reader", tenant="acme", scopes=frozenset({"agents:read"}))
ADMIN = Principal(id="admin", scopes=frozenset({"admin"}))


def authenticate() -> Authenticate:
    return Authenticate(
        {sha256(KEY).hexdigest(): READER, sha256(b"root").hexdigest(): ADMIN}, now=lambda: 0.0
    )


def test_without_keys_everybody_is_anonymous() -> None:
    assert Authenticate(None, now=lambda: 0.0)(None, None, "inference") is ANONYMOUS


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [(b"Bearer client-key", None), (b"bearer  client-key ", None), (None, KEY), (b"Basic x", KEY)],
)
def test_a_known_key_is_its_principal(authorization: bytes | None, api_key: bytes | None) -> None:
    assert authenticate()(authorization, api_key, "agents:read") is READER


@pytest.mark.parametrize("authorization", [None, b"", b"Bearer ", b"Bearer wrong", b"Bearer client-ke"])
def test_anything_else_is_refused_without_an_echo(authorization: bytes | None) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        authenticate()(authorization, None, "agents:read")
    assert "wrong" not in caught.value.message


def test_a_key_without_the_scope_is_refused() -> None:
    with pytest.raises(PermissionDenied):
        authenticate()(b"Bearer client-key", None, "inference")


def test_admin_may_everything() -> None:
    assert authenticate()(b"Bearer root", None, "inference") is ADMIN
