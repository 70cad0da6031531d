"""Validation of a parsed file's shape, with pydantic's findings said in the gateway's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from llm_gateway.adapters.configuration.gateway_file import GatewayFile, file_schema
from llm_gateway.adapters.configuration.problem import Path, Problem, nearest, suggestion

_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": "must be 1 to 64 letters, digits, '.', '_' or '-'",
    r"^[0-9a-f]{64}$": "must be a SHA-256 as 64 lower-case hex digits",
}
_REASONS = {
    "missing": "is required",
    "model_type": "must be a mapping; leave the key out for its defaults",
    "model_attributes_type": "must be a mapping; leave the key out for its defaults",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be text; put it in quotes",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters",
    "too_short": "must not be empty",
}
_UNKNOWN_KEY = "unknown key"
_QUOTED = re.compile(r"'([^']*)'")
_LONGEST_SHOWN = 64


def validate_shape(value: Any, substituted: Mapping[Path, object]) -> GatewayFile | list[Problem]:
    """The typed file, or everything that is wrong with its shape; lines are filled in by the caller.

    What a variable brought in is never repeated in a reason.
    """
    if not isinstance(value, dict):
        return [Problem(path=(), reason="the file must be a mapping, such as 'providers: …'")]
    try:
        return GatewayFile.model_validate(value)
    except ValidationError as exc:
        findings = exc.errors(include_url=False, include_input=False)
        return _without_echoes([_problem(finding, value, substituted) for finding in findings])


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """A required key that is there, but misspelt, is one mistake and not two."""
    meant = {(*problem.path[:-1], problem.hint) for problem in problems if problem.reason == _UNKNOWN_KEY}
    return [
        problem
        for problem in problems
        if problem.reason != _REASONS["missing"]
        or (*problem.path[:-1], suggestion(problem.path[-1])) not in meant
    ]


def _problem(finding: ErrorDetails, document: Any, substituted: Mapping[Path, object]) -> Problem:
    path = tuple(part for part in finding["loc"] if part != "[key]")
    kind, context = finding["type"], finding.get("ctx", {})
    if kind == "extra_forbidden":
        known = known_keys(path[:-1])
        hint = nearest(path[-1], known) or f"known here: {', '.join(sorted(known))}"
        return Problem(path=path, reason=_UNKNOWN_KEY, hint=hint)
    if kind in ("literal_error", "enum"):
        return _choice(path, str(context["expected"]), _shown(document, path, substituted))
    if kind == "value_error":
        reason = (
            str(context["error"]) if path not in substituted else "its variable's value cannot be used here"
        )
    elif kind == "string_pattern_mismatch":
        reason = _PATTERNS.get(
            str(context["pattern"]), "must look like header:<name>, metadata:<key>, user or prompt_prefix"
        )
    else:
        reason = _REASONS.get(kind, finding["msg"]).format_map(context)
    return Problem(path=path, reason=reason)


def _choice(path: Path, expected: str, given: str | None) -> Problem:
    choices = _QUOTED.findall(expected)
    what = next((part for part in reversed(path) if isinstance(part, str)), "value")
    singular = {"capabilities": "capability", "scopes": "scope"}.get(what, what)
    reason = f"unknown {singular} {given!r}" if given is not None else f"unknown {singular}"
    return Problem(path=path, reason=reason, hint=nearest(given, choices) or f"one of {', '.join(choices)}")


def _shown(document: Any, path: Path, substituted: Mapping[Path, object]) -> str | None:
    """The text at `path` when it may be repeated to the reader."""
    if path in substituted:
        return None
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document if isinstance(document, str) and len(document) <= _LONGEST_SHOWN else None


def known_keys(path: Path) -> frozenset[str]:
    """The keys that the mapping at `path` may have."""
    node: Mapping[str, Any] = _schema()
    for part in path:
        node = _child(_resolved(node), part)
    return frozenset(_resolved(node).get("properties", {}))


@cache
def _schema() -> dict[str, Any]:
    return file_schema()


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a (possibly referred to, possibly nullable) schema that describes a collection."""
    while True:
        if "$ref" in node:
            node = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
        elif "anyOf" in node:
            node = next((part for part in node["anyOf"] if "$ref" in part or "items" in part), {})
        else:
            return node


def _child(node: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
    if isinstance(part, int):
        return dict(node.get("items", {}))
    child = node.get("properties", {}).get(part, node.get("additionalProperties", {}))
    return dict(child) if isinstance(child, Mapping) else {}
