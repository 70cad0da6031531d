"""TraceCollector: where spans go, and what goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llm_gateway.application.secret import Secret

Compression = Literal["none", "gzip", "deflate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceCollector:
    """`url` is the whole one (`…/v1/traces`). `headers` may be credentials. `timeout` is in seconds, for one
    batch with all its tries. The files are PEM."""

    url: str
    headers: Mapping[str, Secret] = field(default_factory=dict)
    timeout: float = 10.0
    compression: Compression = "none"
    certificate: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
