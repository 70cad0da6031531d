"""What the generated OpenAPI document says wrongly by default, put right."""

from __future__ import annotations

from typing import Any

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBearer

from llm_gateway.entrypoints.http.error_answer import ErrorAnswer

_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False, description="A gateway key or a signed token")
_API_KEY = APIKeyHeader(
    name="x-api-key", scheme_name="api_key", auto_error=False, description="A gateway key"
)

REFUSALS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorAnswer} for status in (400, 401, 403)}
"""What every guarded endpoint may answer; 400 for a credential that came twice, and for bad parameters."""

CREDENTIALS = (Security(_BEARER), Security(_API_KEY))
"""Either scheme, for the document alone: Guard is who reads and judges them."""


def without_validation_answers(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI lists 422 with its own body wherever there are parameters; here such a request gets a 400."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document
