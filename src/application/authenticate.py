"""Authenticate: from a presented key to a Principal, by digest look-up."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from llm_gateway.domain.errors import AuthenticationFailed, PermissionDenied
from llm_gateway.domain.principal import ANONYMOUS, Principal, Scope


class Authenticate:
    """`principals` by the lower-case hex SHA-256 of their key; None means that no authentication is asked.

    The presented key is hashed before anything is compared, so that the time taken says nothing of any key.
    """

    def __init__(self, principals: Mapping[str, Principal] | None) -> None:
        self._principals = principals

    @property
    def required(self) -> bool:
        return self._principals is not None

    def adopt(self, principals: Mapping[str, Principal] | None) -> None:
        """New keys from a reload; requests already let in go on."""
        self._principals = principals

    def __call__(self, authorization: bytes | None, api_key: bytes | None, scope: Scope) -> Principal:
        """`Authorization: Bearer …`, else `x-api-key`. Raises AuthenticationFailed or PermissionDenied."""
        if self._principals is None:
            return ANONYMOUS
        presented = _bearer(authorization) or api_key
        if not presented:
            raise AuthenticationFailed("no API key was sent: use Authorization: Bearer <key>")
        principal = self._principals.get(sha256(presented).hexdigest())
        if principal is None:
            raise AuthenticationFailed("the API key is not known here")
        if not principal.may(scope):
            raise PermissionDenied(f"key {principal.id} lacks the scope {scope}")
        return principal


def _bearer(authorization: bytes | None) -> bytes | None:
    if authorization is None or authorization[:7].lower() != b"bearer ":
        return None
    return authorization[7:].strip()
