"""What is looked at again, and what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from llm_gateway.entrypoints.http.credential_refresh import CredentialRefresh
from tests.fakes.secret_store import FakeSecretStore


class Keys:
    """Token keys that fail once, then come."""

    def __init__(self, interval: float | None) -> None:
        self.interval = interval
        self.missing = interval is not None
        self.looks = 0

    def refresh(self) -> bool:
        self.looks += 1
        if self.looks == 1:
            raise OSError("the issuer answered 503")
        return True


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.005)


async def test_a_rotated_secret_is_a_reload_that_names_it() -> None:
    """And who holds it beside the configuration hears of it before."""
    store = FakeSecretStore({"openai-api-key": "old", "other": "same"})
    for name in store.values:
        store.read(name)
    told: list[object] = []

    async def reload(trigger: str) -> None:
        told.append(trigger)

    following = CredentialRefresh(Keys(None), store, reload, rotated=told.append, secrets_interval=0.001)
    task = asyncio.create_task(following.follow())
    store.values["openai-api-key"] = "new"
    async with asyncio.timeout(10):
        await until(lambda: len(told) > 1)
    task.cancel()
    assert told == [("openai-api-key",), "secret rotated: openai-api-key"]


async def test_keys_for_tokens_that_could_not_be_fetched_are_fetched_again() -> None:
    """A failure ends nothing."""
    keys = Keys(0.001)

    async def reload(_: str) -> None:
        """Nothing."""

    task = asyncio.create_task(CredentialRefresh(keys, FakeSecretStore(), reload, tick=0.001).follow())
    async with asyncio.timeout(10):
        await until(lambda: keys.looks > 2)
    task.cancel()


async def test_keys_of_new_settings_are_not_waited_for() -> None:
    """Though the next look is an hour away."""
    keys = Keys(3600.0)
    keys.looks = 1

    async def reload(_: str) -> None:
        """Nothing."""

    task = asyncio.create_task(CredentialRefresh(keys, FakeSecretStore(), reload, tick=0.001).follow())
    async with asyncio.timeout(10):
        await until(lambda: keys.looks > 2)
        keys.missing = False
    task.cancel()
