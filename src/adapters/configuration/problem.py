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

    def render(self, origin: str) -> str:
        """`gateway.yaml:12: routing.rules[2].name: reason (hint)`, without the parts that are unknown."""
        place = f"{origin}:{self.line}" if self.line is not None else origin
        parts = [place, path_text(self.path), self.reason]
        text = ": ".join(part for part in parts if part)
        return f"{text} ({self.hint})" if self.hint else text


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
    return f"did you mean {matches[0]!r}?" if matches else None


def refusal(problems: Sequence[Problem], origin: str) -> ConfigurationError:
    """The error for the first problem by line; its message is the rendered line, `others` are the rest."""
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    errors = [
        ConfigurationError(
            problem.render(origin), path=path_text(problem.path), line=problem.line, hint=problem.hint
        )
        for problem in ordered
    ]
    errors[0].others = tuple(errors[1:])
    return errors[0]
