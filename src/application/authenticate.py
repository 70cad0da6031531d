"""Authenticate: from a presented credential to a Principal, by digest look-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from llm_gateway.application.ports.refusal_observer import Refusal, RefusalObserver
from llm_gateway.application.ports.token_verifier import TokenVerifier
from llm_gateway.domain.errors import AuthenticationFailed, PermissionDenied
from llm_gateway.domain.principal import ANONYMOUS, Principal, Scope

Pages = Literal["everywhere"] | frozenset[bytes]
# Other schemes than these are programs and extensions, which a page cannot pretend to be. "null" is a page
# in a sandbox: anybody's.
_OF_ELSEWHERE = re.compile(rb"null|https?://(?!(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$).*", re.DOTALL).match


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAccess:
    """Who is let in: `principals` by the lower-case hex SHA-256 of their key, and holders of tokens."""

    principals: Mapping[str, Principal]
    tokens: TokenVerifier | None = None


class Authenticate:
    """`access` None means that no authentication is asked; a mapping is one of principals.

    A presented key is hashed whole before anything is compared, so that the time taken says nothing of any
    key. `now` gives Unix seconds.
    """

    def __init__(
        self,
        access: ClientAccess | Mapping[str, Principal] | None,
        *,
        now: Callable[[], float],
        observer: RefusalObserver | None = None,
    ) -> None:
        self._now = now
        self._observer = observer
        self.adopt(access)

    @property
    def required(self) -> bool:
        return self._access is not None

    def adopt(
        self, access: ClientAccess | Mapping[str, Principal] | None, *, pages: Pages = "everywhere"
    ) -> None:
        """New keys from a reload; requests already let in go on. `pages` are the origins of web pages that
        may ask, beside loopback's, when nobody needs a key."""
        self._pages = pages
        if access is not None and not isinstance(access, ClientAccess):
            access = ClientAccess(principals=access)
        self._access = access

    def __call__(self, authorization: bytes | None, api_key: bytes | None, scope: Scope) -> Principal:
        """`Authorization: Bearer …`, else `x-api-key`. Raises AuthenticationFailed, PermissionDenied, and
        Overloaded while the keys for tokens are on their way."""
        access = self._access
        if access is None:
            return ANONYMOUS
        presented = _bearer(authorization) or api_key
        if not presented:
            self._refused("missing")
            raise AuthenticationFailed("no API key was sent: use Authorization: Bearer <key>")
        principal = access.principals.get(sha256(presented).hexdigest())
        if principal is None:
            principal = self._by_token(access.tokens, presented)
        if principal.expires is not None and principal.expires <= self._now():
            self._refused("expired", principal)
            raise AuthenticationFailed("the API key has expired")
        if not principal.may(scope):
            self._refused("scope", principal)
            raise PermissionDenied(f"key {principal.id} lacks the scope {scope}")
        return principal

    def page(self, origin: bytes) -> None:
        """A browser asks for a page of `origin`. Raises PermissionDenied for one of elsewhere when nobody
        needs a key: browsers send what such a page wants, and it would spend the configured accounts' money.
        """
        pages = self._pages
        if self._access is None and pages != "everywhere" and origin not in pages and _OF_ELSEWHERE(origin):
            self._refused("origin")
            raise PermissionDenied(
                "a web page of another origin may not use a gateway that asks nobody for a key; "
                "set client keys, or LLM_GATEWAY_AUTH=none to let everybody in",
                code="foreign_origin",
            )

    def tenant(self, principal: Principal, named: bytes | None) -> str | None:
        """The tenant of a request whose `X-Tenant-ID` is `named`. Raises PermissionDenied.

        Where nobody is asked for a key the header is not listened to: it would be anybody's word.
        """
        if named is None or self._access is None:
            return principal.tenant
        try:
            return principal.speaks_for(named.decode("latin-1"))
        except PermissionDenied:
            self._refused("tenant", principal)
            raise

    def _by_token(self, tokens: TokenVerifier | None, presented: bytes) -> Principal:
        if tokens is None or presented.count(b".") != 2:
            self._refused("unknown")
            raise AuthenticationFailed("the API key is not known here")
        try:
            return tokens.verify(presented)
        except AuthenticationFailed:
            self._refused("token")
            raise

    def _refused(self, reason: Refusal, principal: Principal | None = None) -> None:
        if self._observer is not None:
            self._observer.refused(reason, None if principal is None else principal.id)


def _bearer(authorization: bytes | None) -> bytes | None:
    if authorization is None or authorization[:7].lower() != b"bearer ":
        return None
    return authorization[7:].strip()
