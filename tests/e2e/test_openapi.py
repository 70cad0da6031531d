"""The OpenAPI document: complete, valid, and true."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.fixture
def document(http: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = http.get("/openapi.json").json()
    return found
