"""Signed tokens: which hold, which do not, and what they say of their holder."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from llm_gateway.adapters.token_verifier.jwt import JwtVerifier
from llm_gateway.application.configuration import JwtSettings
from llm_gateway.domain.errors import AuthenticationFailed, Overloaded

SETTINGS = JwtSettings(issuer="https://issuer.example", audience="gateway", jwks_file="keys.json", leeway=0.0)
CLAIMS = {
    "iss": SETTINGS.issuer,
    "aud": SETTINGS.audience,
    "sub": "someone",
    "tenant": "acme",
    "scope": "inference agents:read nonsense",
}


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_set(*names: str) -> str:
    keys = [
        {**RSAAlgorithm.to_jwk(rsa_key(name).public_key(), as_dict=True), "kid": f"rsa-{name}"}
        for name in names
    ]
    keys += [
        {**ECAlgorithm.to_jwk(ec_key(name).public_key(), as_dict=True), "kid": f"ec-{name}"} for name in names
    ]
    return json.dumps({"keys": keys})


def token(name: str = "a", algorithm: str = "RS256", **claims: Any) -> bytes:
    key: Any = ec_key(name) if algorithm == "ES256" else rsa_key(name)
    kid = f"{'ec' if algorithm == 'ES256' else 'rsa'}-{name}"
    said = {**CLAIMS, "exp": time.time() + 60, **claims}
    said = {claim: value for claim, value in said.items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={"kid": kid}).encode()


def verifier(text: str | None = None) -> JwtVerifier:
    made = JwtVerifier(SETTINGS, lambda: text or key_set("a"))
    made.refresh()
    return made


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_good_token_gives_tenant_scopes_and_expiry(algorithm: str) -> None:
    """Scopes that the gateway does not know are nothing; the subject itself is not kept."""
    principal = verifier().verify(token(algorithm=algorithm, exp=4_000_000_000))
    assert (principal.tenant, principal.scopes) == ("acme", {"inference", "agents:read"})
    assert principal.expires == 4_000_000_000
    assert "someone" not in principal.id


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "elsewhere"},
        {"aud": None},
        {"tenant": None},
        {"tenant": ["acme"]},
        {"tenant": ""},
    ],
)
def test_a_token_that_does_not_hold(claims: dict[str, Any]) -> None:
    presented = token(**claims)
    with pytest.raises(AuthenticationFailed) as caught:
        verifier().verify(presented)
    assert "elsewhere" not in caught.value.message and presented.decode() not in str(caught.value)


def test_a_signature_by_another_key() -> None:
    """Under the id of a known one."""
    forged = jwt.encode({**CLAIMS, "exp": 4_000_000_000}, rsa_key("b"), "RS256", headers={"kid": "rsa-a"})
    with pytest.raises(AuthenticationFailed, match="signature"):
        verifier().verify(forged.encode())


def test_a_token_does_not_choose_how_it_is_checked() -> None:
    """Neither `none`, nor the public key as an HMAC secret, nor an algorithm of another key type."""
    said = {**CLAIMS, "exp": 4_000_000_000}
    unsigned = jwt.encode(said, None, "none", headers={"kid": "rsa-a"})
    wrong = jwt.encode(said, "x" * 64, "HS256", headers={"kid": "rsa-a"})
    crossed = jwt.encode(said, ec_key("a"), "ES256", headers={"kid": "rsa-a"})
    for forged in (unsigned, wrong, crossed):
        with pytest.raises(AuthenticationFailed):
            verifier().verify(forged.encode())


@pytest.mark.parametrize(
    "rubbish", [b"..", b"a.b.c", b"eyJ.eyJ.x", b"\xff.\xff.\xff", b"." * 2 + b"x" * 20_000]
)
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(AuthenticationFailed):
        verifier().verify(rubbish)


def test_a_rotated_key_set_ends_what_its_old_keys_had_signed() -> None:
    """Also for tokens that were verified before."""
    text = key_set("a")
    made = JwtVerifier(SETTINGS, lambda: text)
    assert made.refresh()
    old = token("a")
    made.verify(old)
    text = key_set("b")
    assert made.refresh() and not made.refresh()
    assert made.verify(token("b")).tenant == "acme"
    with pytest.raises(AuthenticationFailed):
        made.verify(old)


def test_before_the_keys_are_here_nobody_is_let_in() -> None:
    """Not the client's mistake: it is told to come again."""
    with pytest.raises(Overloaded):
        JwtVerifier(SETTINGS, lambda: key_set("a")).verify(token())


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "AAAA"}]}', "[]"])
def test_a_key_set_without_a_usable_key_is_refused(text: str) -> None:
    """And the former keys stay."""
    answers = [key_set("a"), text]
    made = JwtVerifier(SETTINGS, lambda: answers.pop(0))
    made.refresh()
    with pytest.raises(ValueError, match=r"JWK|key"):
        made.refresh()
    assert made.verify(token()).tenant == "acme"
