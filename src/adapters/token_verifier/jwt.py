"""JwtVerifier: signed tokens (RFC 7519) checked with the keys of a JWK set (RFC 7517) by PyJWT."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import jwt
from typing_extensions import override

from llm_gateway.application.configuration import JwtSettings
from llm_gateway.application.ports.token_verifier import TokenVerifier
from llm_gateway.domain.errors import AuthenticationFailed, Overloaded
from llm_gateway.domain.principal import ALL_SCOPES, Principal

_MOST_REMEMBERED = 10_000
_LONGEST_TOKEN = 16 * 1024
_KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
_REQUIRED = ("exp", "iss", "aud", "sub")


class JwtVerifier(TokenVerifier):
    """`fetch` gives the key set's text and may block; it is called by `refresh` only.

    A verified token is remembered by its whole digest until it expires or the key set changes: checking a
    signature costs tens of microseconds. The algorithm must fit the key's type and be a configured one, so a
    token cannot choose how it is checked; a token names its key by `kid`, or the set has only one.
    """

    def __init__(self, settings: JwtSettings, fetch: Callable[[], str]) -> None:
        self._settings = settings
        self._fetch = fetch
        self._text: str | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._known: dict[bytes, Principal] = {}
        self._refreshing = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether there are keys to check with."""
        return self._text is not None

    def refresh(self) -> bool:
        """Fetch the key set; whether it is another one. Blocks.

        Raises OSError or ValueError; the former keys then stay in use.
        """
        with self._refreshing:
            text = self._fetch()
            if text == self._text:
                return False
            keys = _signing_keys(text)
            self._keys, self._known, self._text = keys, {}, text
            return True

    @override
    def verify(self, token: bytes) -> Principal:
        digest = sha256(token).digest()
        known = self._known
        principal = known.get(digest)
        if principal is None:
            principal = self._checked(token)
            if len(known) >= _MOST_REMEMBERED:
                known.clear()
            known[digest] = principal
        return principal

    def _checked(self, token: bytes) -> Principal:
        if self._text is None:
            raise Overloaded("the keys that tokens are checked with are not here yet", retry_after=1.0)
        if len(token) > _LONGEST_TOKEN:
            raise AuthenticationFailed("the token is too long")
        try:
            key = self._key(jwt.get_unverified_header(token))
            claims = jwt.decode(
                token,
                key,
                algorithms=[
                    name for name in self._settings.algorithms if _KEY_TYPES.get(name) == key.key_type
                ],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway,
                options={"require": list(_REQUIRED)},
            )
        except jwt.InvalidTokenError as exc:
            # PyJWT's messages quote what the token holds; its class says enough.
            raise AuthenticationFailed(_REASONS.get(type(exc), "the token does not hold")) from None
        except (ValueError, TypeError, KeyError):
            raise AuthenticationFailed("the token does not hold") from None
        return self._principal(claims)

    def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        kid = header.get("kid")
        if isinstance(kid, str) and kid in self._keys:
            return self._keys[kid]
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        raise AuthenticationFailed("the token is signed with a key that is not known here")

    def _principal(self, claims: dict[str, Any]) -> Principal:
        settings = self._settings
        listed = claims.get(settings.scopes_claim, ())
        names = listed.split() if isinstance(listed, str) else listed if isinstance(listed, list) else ()
        scopes = frozenset(scope for scope in ALL_SCOPES if scope in names)
        tenant = claims.get(settings.tenant_claim)
        if not isinstance(tenant, str) or not tenant or len(tenant) > 256:
            tenant = None
        principal = Principal(
            id=f"token:{sha256(str(claims['sub']).encode('utf-8', 'replace')).hexdigest()[:12]}",
            tenant=tenant,
            scopes=scopes,
            expires=float(claims["exp"]) + settings.leeway,
        )
        if tenant is None and not principal.may("tenants"):
            # Without a tenant a principal sees every tenant's decisions.
            raise AuthenticationFailed(f"the token has no claim {settings.tenant_claim!r}")
        return principal


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidIssuerError: "the token is from another issuer",
    jwt.InvalidSignatureError: "the token's signature does not hold",
    jwt.InvalidAlgorithmError: "the token is signed in a way that is not taken",
    jwt.MissingRequiredClaimError: f"the token needs the claims {', '.join(_REQUIRED)}",
}


def _signing_keys(text: str) -> dict[str | None, jwt.PyJWK]:
    """Keys for signatures by their id. Raises ValueError."""
    try:
        found = jwt.PyJWKSet.from_json(text).keys
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, KeyError):
        raise ValueError("is not a JWK set with a key that can be used") from None
    keys = {key.key_id: key for key in found if key.key_type in ("RSA", "EC") and _for_signatures(key)}
    if not keys:
        raise ValueError("holds no RSA or EC key for signatures")
    return keys


def _for_signatures(key: jwt.PyJWK) -> bool:
    return key.public_key_use in (None, "sig")
