"""CredentialRefresh: looks again at what others may rotate: the keys that tokens are signed with, secrets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from llm_gateway.application.ports.secret_store import SecretStore, SecretUnavailable

_SECRETS_S = 60.0
_AGAIN_S = 5.0
_TICK_S = 1.0
_log = logging.getLogger("llm_gateway.credentials")


class TokenKeys(Protocol):
    @property
    def interval(self) -> float | None:
        """Seconds between refreshes, None when no token is taken."""
        ...

    @property
    def missing(self) -> bool:
        """Whether no keys have been fetched with the settings in force."""
        ...

    def refresh(self) -> bool:
        """Whether there are other keys now. Blocks; raises OSError or ValueError."""
        ...


class CredentialRefresh:
    """`reload` is asked for when a secret has another value; requests under way keep the old one. Before it,
    `rotated` is told the names, in a thread."""

    def __init__(
        self,
        token_keys: TokenKeys,
        secrets: SecretStore,
        reload: Callable[[str], Awaitable[object]],
        *,
        rotated: Callable[[Collection[str]], None] = lambda _names: None,
        secrets_interval: float = _SECRETS_S,
        tick: float = _TICK_S,
    ) -> None:
        self._token_keys = token_keys
        self._secrets = secrets
        self._reload = reload
        self._rotated = rotated
        self._secrets_interval = secrets_interval
        self._tick = tick

    async def follow(self) -> None:
        """Until cancelled."""
        await asyncio.gather(self._follow_token_keys(), self._follow_secrets())

    async def _follow_token_keys(self) -> None:
        """Keys that are not here yet (at start, after a reload with other settings) are fetched at once."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            interval = self._token_keys.interval
            if interval is not None and (self._token_keys.missing or loop.time() >= due):
                due = loop.time() + interval
                if not await self._token_keys_adopted():
                    await asyncio.sleep(min(_AGAIN_S, interval))
                    due = loop.time()
            await asyncio.sleep(self._tick)

    async def _token_keys_adopted(self) -> bool:
        """Whether they could be fetched."""
        try:
            if await asyncio.to_thread(self._token_keys.refresh):
                _log.info("keys for tokens adopted")
        except (OSError, ValueError) as exc:
            _log.warning("keys for tokens not refreshed", extra={"reason": str(exc)})
            return False
        return True

    async def _follow_secrets(self) -> None:
        while True:
            await asyncio.sleep(self._secrets_interval)
            changed = await asyncio.to_thread(self._secrets.refresh)
            if changed:
                await self._tell(changed)
                await self._reload(f"secret rotated: {', '.join(changed)}")

    async def _tell(self, changed: Collection[str]) -> None:
        try:
            await asyncio.to_thread(self._rotated, changed)
        except SecretUnavailable as exc:
            _log.warning("a rotated secret is not used", extra={"reason": str(exc)})
