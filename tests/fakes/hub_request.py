"""FakeHubRequest: a HubRequest made from a plain document."""

from __future__ import annotations

import json
from typing import Any


class FakeHubRequest:
    """Implements HubRequest."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.model = str(document.get("model", ""))
        self.stream = document.get("stream") is True
        self.include_usage = (document.get("stream_options") or {}).get("include_usage") is True
        self._document = document

    @property
    def body(self) -> bytes:
        return json.dumps(self._document).encode()

    @property
    def temperature(self) -> float | None:
        return self._document.get("temperature")

    def document(self) -> dict[str, Any]:
        return self._document
