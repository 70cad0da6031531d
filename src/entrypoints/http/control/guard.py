"""Guard: a FastAPI dependency that lets only principals with a scope in."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from llm_gateway.application.authenticate import Authenticate
from llm_gateway.domain.principal import Principal, Scope

Dependency = Callable[[Request], Principal]


class Guard:
    """`guard("agents:read")` raises AuthenticationFailed or PermissionDenied before the endpoint runs."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    def __call__(self, scope: Scope) -> Dependency:
        def let_in(request: Request) -> Principal:
            authorization = request.headers.get("authorization")
            api_key = request.headers.get("x-api-key")
            return self._authenticate(
                authorization.encode("latin-1") if authorization is not None else None,
                api_key.encode("latin-1") if api_key is not None else None,
                scope,
            )

        return let_in
