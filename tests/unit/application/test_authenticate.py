"""Who is let in."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from hashlib import sha256
from types import FrameType
from typing import Any

import pytest

from llm_gateway.application.authenticate import Authenticate, ClientAccess
from llm_gateway.application.ports.refusal_observer import Refusal
from llm_gateway.application.ports.token_verifier import TokenVerifier
from llm_gateway.domain.errors import AuthenticationFailed, GatewayError, PermissionDenied
from llm_gateway.domain.principal import ANONYMOUS, Principal, Scope
from tests.fakes.refusal_observer import FakeRefusalObserver

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


class OneToken(TokenVerifier):
    """Takes one token and no other."""

    def verify(self, token: bytes) -> Principal:
        if token != b"a.good.token":
            raise AuthenticationFailed("the token does not hold")
        return READER


def test_a_key_ends_when_it_expires() -> None:
    """Up to that second it is good."""
    now = 99.0
    key = Principal(id="short", expires=100.0)
    check = Authenticate({sha256(KEY).hexdigest(): key}, now=lambda: now)
    assert check(None, KEY, "inference") is key
    now = 100.0
    with pytest.raises(AuthenticationFailed, match="expired"):
        check(None, KEY, "inference")


def test_several_keys_hold_during_a_rotation_and_a_removed_one_ends_at_once() -> None:
    """A reload replaces the whole set."""
    digests = {name: sha256(name).hexdigest() for name in (b"old", b"new")}
    check = Authenticate({digests[b"old"]: READER, digests[b"new"]: READER}, now=lambda: 0.0)
    assert check(None, b"old", "agents:read") is check(None, b"new", "agents:read") is READER
    check.adopt({digests[b"new"]: READER})
    with pytest.raises(AuthenticationFailed):
        check(None, b"old", "agents:read")


@pytest.mark.parametrize(
    ("authorization", "scope", "reason"),
    [
        (None, "inference", "missing"),
        (b"Bearer wrong", "inference", "unknown"),
        (b"Bearer a.bad.token", "inference", "token"),
        (b"Bearer client-key", "inference", "scope"),
    ],
)
def test_each_refusal_is_counted_once_with_its_reason(
    authorization: bytes | None, scope: Scope, reason: Refusal
) -> None:
    seen = FakeRefusalObserver()
    access = ClientAccess(principals={sha256(KEY).hexdigest(): READER}, tokens=OneToken())
    with pytest.raises(GatewayError):
        Authenticate(access, now=lambda: 0.0, observer=seen)(authorization, None, scope)
    assert seen.reasons == [reason]
    assert seen.principals == [READER.id if reason == "scope" else None]


def test_a_token_is_taken_beside_keys() -> None:
    access = ClientAccess(principals={}, tokens=OneToken())
    assert Authenticate(access, now=lambda: 0.0)(b"Bearer a.good.token", None, "agents:read") is READER


@pytest.mark.parametrize(
    ("scopes", "own", "named", "given"),
    [
        ({"inference"}, "acme", None, "acme"),
        ({"inference"}, "acme", b"acme", "acme"),
        ({"tenants"}, "acme", b"other", "other"),
        ({"admin"}, None, b"other", "other"),
        ({"inference"}, None, None, None),
    ],
)
def test_the_tenant_is_the_keys_or_one_that_it_may_name(
    scopes: set[Scope], own: str | None, named: bytes | None, given: str | None
) -> None:
    principal = Principal(id="k", tenant=own, scopes=frozenset(scopes))
    assert Authenticate({}, now=lambda: 0.0).tenant(principal, named) == given


@pytest.mark.parametrize("own", ["acme", None])
def test_another_tenant_takes_the_scope(own: str | None) -> None:
    """A key without a tenant may not choose one either."""
    principal = Principal(id="k", tenant=own, scopes=frozenset({"inference"}))
    with pytest.raises(PermissionDenied):
        Authenticate({}, now=lambda: 0.0).tenant(principal, b"other")


def test_an_unauthenticated_header_names_no_tenant() -> None:
    assert Authenticate(None, now=lambda: 0.0).tenant(ANONYMOUS, b"acme") is None


def operations(key: bytes) -> list[str]:
    """What is called, in Python and in C, while a key is refused."""
    check, called = authenticate(), []

    def note(_frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            called.append(arg.__qualname__)
        elif event == "call":
            called.append(_frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        check(b"Bearer " + key, None, "inference")
    except AuthenticationFailed:
        return called
    finally:
        sys.setprofile(None)
    raise AssertionError("let in")


@pytest.mark.parametrize(
    "key", [b"client-ke", b"client-keyx", b"Client-key", b"r" * 1000, b"\xff", b"0" * 64]
)
def test_a_refusal_is_the_same_work_for_every_key(key: bytes) -> None:
    """How much of a key was right cannot be told: one hash, one look-up, the same steps."""
    work = operations(key)
    assert work == operations(b"nothing-like-it")
    assert work.count("openssl_sha256") == 1


@pytest.mark.parametrize(
    ("origin", "elsewhere"),
    [
        (b"https://evil.example", True),
        (b"http://localhost.evil.example", True),
        (b"http://127.0.0.1.evil.example:8080", True),
        (b"http://127.0.0.1@evil.example", True),
        (b"null", True),
        (b"http://localhost:3000", False),
        (b"http://127.0.0.1", False),
        (b"https://[::1]:8443", False),
        (b"vscode-webview://x", False),
        (b"https://ours.example", False),
    ],
)
def test_a_page_of_elsewhere_may_not_use_an_open_gateway(origin: bytes, elsewhere: bool) -> None:
    """Unless somebody said that everybody may; where keys are asked for, they decide."""
    refusals = FakeRefusalObserver()
    check = Authenticate(None, now=lambda: 0.0, observer=refusals)
    check.page(origin)
    check.adopt({}, pages=frozenset({b"https://ours.example"}))
    check.page(origin)
    check.adopt(None, pages=frozenset({b"https://ours.example"}))
    with pytest.raises(PermissionDenied, match="origin") if elsewhere else nullcontext():
        check.page(origin)
    assert refusals.reasons == ["origin"] * elsewhere
