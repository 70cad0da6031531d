"""Guard: a FastAPI dependency that lets only principals with a scope in."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from llm_gateway.application.authenticate import Authenticate
from llm_gateway.domain.principal import Principal, Scope
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders

Dependency = Callable[[Request], Principal]


class Guard:
    """`guard("agents:read")` raises AuthenticationFailed or PermissionDenied before the endpoint runs."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    def __call__(self, scope: Scope) -> Dependency:
        def let_in(request: Request) -> Principal:
            headers = RequestHeaders(request.scope["headers"])
            if (origin := headers.get(b"origin")) is not None:
                self._authenticate.page(origin)
            return self._authenticate(headers.get(b"authorization"), headers.get(b"x-api-key"), scope)

        return let_in

    def tenant(self, principal: Principal, named: bytes | None) -> str | None:
        """The tenant of a request whose `X-Tenant-ID` is `named`. Raises PermissionDenied."""
        return self._authenticate.tenant(principal, named)
