"""Problem: one thing that is wrong with a configuration, where it is, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from llm_gateway.domain.errors import ConfigurationError

Path = tuple[str | int, ...]
"""Keys and list indices from the document's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    path: Path
    reason: str
    line: int | None = None
    hint: str | None = None

    def error(self, origin: str) -> ConfigurationError:
        return located_error(
            self.reason, path=path_text(self.path), line=self.line, hint=self.hint, origin=origin
        )


def located_error(
    reason: str, *, path: str, line: int | None, hint: str | None, origin: str
) -> ConfigurationError:
    """An error whose message is one line for people:
    `gateway.yaml:12: routing.rules[2].name: reason (hint)`, without the parts that are unknown."""
    place = f"{origin}:{line}" if line is not None else origin
    text = ": ".join(part for part in (place, path, reason) if part)
    return ConfigurationError(f"{text} ({hint})" if hint else text, path=path, line=line, hint=hint)


def path_text(path: Path) -> str:
    """`('routing', 'rules', 2)` as `routing.rules[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: object, known: Iterable[str]) -> str | None:
    """`did you mean 'openai'?` when one of the known words is close enough, else None."""
    if not isinstance(word, str):
        return None
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return suggestion(matches[0]) if matches else None


def suggestion(word: object) -> str:
    return f"did you mean {word!r}?"


def refusal(problems: Sequence[Problem], origin: str) -> ConfigurationError:
    """The error for the first problem by line; `others` are the rest."""
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    errors = [problem.error(origin) for problem in ordered]
    errors[0].others = tuple(errors[1:])
    return errors[0]
