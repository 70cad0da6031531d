"""Principal: who is asking, as far as the gateway knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llm_gateway.domain.errors import PermissionDenied

Scope = Literal["inference", "agents:read", "agents:write", "tenants", "admin"]
ALL_SCOPES: frozenset[Scope] = frozenset({"inference", "agents:read", "agents:write", "tenants", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`id` names the client key, never the key itself; `admin` implies every scope.

    `expires` is Unix seconds: from then on the key is not taken any more.
    """

    id: str
    tenant: str | None = None
    scopes: frozenset[Scope] = ALL_SCOPES
    expires: float | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes

    def speaks_for(self, asked: str | None) -> str | None:
        """The tenant of a request that names `asked`. Raises PermissionDenied.

        A tenant comes from the key; naming another one takes the scope `tenants`.
        """
        if asked is None or asked == self.tenant:
            return self.tenant
        if not self.may("tenants"):
            raise PermissionDenied(f"key {self.id} does not speak for other tenants", param="tenant_id")
        return asked


ANONYMOUS = Principal(id="anonymous")
