"""Variables of a document: its string values with `${VAR}` replaced, and which ones that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llm_gateway.adapters.configuration.problem import Path, Problem
from llm_gateway.adapters.configuration.substitution import (
    SubstitutionError,
    substitute,
    whole_reference,
)


@dataclass(slots=True)
class SubstitutedDocument:
    """`variables` holds, for each changed value, the variable when it is nothing else than that one's
    value, else None."""

    value: Any
    variables: dict[Path, str | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def variable(self, path: Path) -> str | None:
        return self.variables.get(path)


def substitute_document(value: Any, environment: Mapping[str, str]) -> SubstitutedDocument:
    """A new tree; keys are left alone. Unresolvable references become problems and stay as written."""
    document = SubstitutedDocument(None)
    document.value = _walk(value, (), environment, document)
    return document


def _walk(value: Any, path: Path, environment: Mapping[str, str], document: SubstitutedDocument) -> Any:
    if isinstance(value, dict):
        return {key: _walk(item, (*path, key), environment, document) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, (*path, index), environment, document) for index, item in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    try:
        result = substitute(value, environment)
    except SubstitutionError as exc:
        document.problems.append(Problem(path=path, reason=str(exc)))
        document.variables[path] = None
        return value
    name = whole_reference(value)
    document.variables[path] = name if name in result.variables else None
    return result.text
