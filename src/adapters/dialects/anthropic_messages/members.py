"""Members of a client's document, whose types nobody has checked yet."""

from __future__ import annotations

from typing import Any

from llm_gateway.domain.errors import InvalidRequest


def list_member(value: Any, where: str) -> list[Any]:
    """`value` if it is a list, an empty one if it is absent; raises InvalidRequest that names `where`."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRequest(f"{where} must be a list", param=where)
    return value


def integer_member(value: Any, where: str) -> int | None:
    """`value` if it is an integer or absent; raises InvalidRequest that names `where`."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidRequest(f"{where} must be an integer", param=where)
    return value


def number_member(value: Any, where: str) -> int | float | None:
    """`value` if it is a number or absent; raises InvalidRequest that names `where`."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InvalidRequest(f"{where} must be a number", param=where)
    return value


def object_member(value: Any) -> dict[str, Any]:
    """`value` if it is an object; anything else says nothing and is read as an empty one."""
    return value if isinstance(value, dict) else {}
