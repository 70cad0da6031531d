"""`${VAR}` and `${VAR:-default}` in string values, after parsing: a value can never become structure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{")
_WHOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}")


class SubstitutionError(ValueError):
    """The reference cannot be resolved; the text says why and never holds a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Substituted:
    """`variables` are those that were read from the environment, in order (defaults do not count)."""

    text: str
    variables: tuple[str, ...]


def substitute(text: str, environment: Mapping[str, str]) -> Substituted:
    """Each reference replaced once; what it brings in is not looked at again.

    As in a shell, the default is taken when the variable is unset or empty; it is literal up to the next
    `}`. `$${` stands for a literal `${`. Without a default an unset variable raises SubstitutionError, an
    empty one is empty.
    """
    variables: list[str] = []

    def resolve(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name, default = match[1], match[2]
        if name is None:
            raise SubstitutionError(
                "'${' begins no reference; write ${NAME}, ${NAME:-default}, or $${ for '${'"
            )
        value = environment.get(name)
        if default is not None and not value:
            return str(default)
        if value is None:
            raise SubstitutionError(f"environment variable {name} is not set")
        variables.append(name)
        return value

    return Substituted(text=_REFERENCE.sub(resolve, text), variables=tuple(variables))


def whole_reference(text: str) -> str | None:
    """The variable's name when the text is exactly one reference, else None."""
    match = _WHOLE.fullmatch(text)
    return match[1] if match else None
