"""A started lab, and a client that sees the bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llm_gateway.entrypoints.lab.server import Lab


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with Lab() as started:
        yield started
