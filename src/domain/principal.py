"""Principal: who is asking, as far as the gateway knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["inference", "agents:read", "agents:write", "admin"]
ALL_SCOPES: frozenset[Scope] = frozenset({"inference", "agents:read", "agents:write", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`id` names the client key, never the key itself; `admin` implies every scope."""

    id: str
    tenant: str | None = None
    scopes: frozenset[Scope] = ALL_SCOPES

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes


ANONYMOUS = Principal(id="anonymous")
