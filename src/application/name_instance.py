"""NameInstance: finds out what this instance is called, and has it exported and written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from llm_gateway.application.ports.instance_name import InstanceName

_log = logging.getLogger("llm_gateway.instance")


class NameInstance:
    """The first of `names` that is known counts. Run once requests are being taken: nothing waits for it.

    `export` runs in the event loop; `note` beside it, for it may block, and may raise OSError.
    """

    def __init__(
        self, names: Sequence[InstanceName], *, export: Callable[[str], None], note: Callable[[str], None]
    ) -> None:
        self._names = names
        self._export = export
        self._note = note

    async def __call__(self) -> None:
        for source in self._names:
            name = await asyncio.to_thread(source.read)
            if name is not None:
                await self._tell(name)
                return

    async def _tell(self, name: str) -> None:
        _log.info("this instance is named", extra={"instance": name})
        self._export(name)
        try:
            await asyncio.to_thread(self._note, name)
        except OSError as exc:
            _log.error("the instance's name cannot be written down: %s", exc)
