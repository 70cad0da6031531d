"""Where a chat request goes under a base URL: one path for all, or one per deployment (Azure).

Source: Azure OpenAI REST API reference. With a dated `api-version` the deployment stands in the path; the
v1 API takes it as `model` and needs no version (`preview` and `latest` are allowed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


def request_path(model: str, options: Mapping[str, Any]) -> str:
    """Everything that comes from configuration or from the client is percent-encoded."""
    path = str(options.get("path", "/chat/completions"))
    version = str(options.get("api_version") or "")
    by_deployment = options.get("deployment_path")
    if by_deployment and _DATED.fullmatch(version):
        path = str(by_deployment).replace("{deployment}", quote(deployment(model, options), safe=""))
    return f"{path}?api-version={quote(version, safe='')}" if version else path


def deployment(model: str, options: Mapping[str, Any]) -> str:
    """The deployment that serves `model`: what `deployments` says, else one of the same name."""
    deployments = options.get("deployments")
    return str(deployments.get(model, model)) if isinstance(deployments, Mapping) else model
