"""Globs of routing rules: case-sensitive, `*` is any text, `?` is any one character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Matcher = Callable[[str], bool]


def is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def compile_glob(pattern: str) -> Matcher:
    """A test for whole strings.

    Runs in time linear in the text whatever the pattern: each part after a `*` is matched at its first
    occurrence inside an atomic group, so a client's model name can never make it backtrack.
    """
    if not is_glob(pattern):
        return pattern.__eq__
    if pattern.strip("*") == "":
        return _always
    head, *middle = re.split(r"\*+", pattern)
    if not middle:
        return _full_match(_literal(head))
    tail = middle.pop()
    floating = "".join(f"(?>.*?{_literal(part)})" for part in middle)
    return _full_match(f"{_literal(head)}{floating}.*{_literal(tail)}")


def compile_any(patterns: Iterable[str]) -> Matcher:
    """A test that holds when one of the patterns matches."""
    patterns = tuple(patterns)
    if len(patterns) == 1:
        return compile_glob(patterns[0])
    exact = frozenset(pattern for pattern in patterns if not is_glob(pattern))
    globs = tuple(compile_glob(pattern) for pattern in patterns if is_glob(pattern))
    if not globs:
        return exact.__contains__
    return lambda text: text in exact or any(glob(text) for glob in globs)


def globs_overlap(left: str, right: str) -> bool:
    """Whether some string matches both patterns (a walk over the product of both automata)."""
    reachable = {(0, 0)}
    pending = [(0, 0)]
    while pending:
        i, j = pending.pop()
        if i == len(left) and j == len(right):
            return True
        for state in _successors(left, i, right, j):
            if state not in reachable:
                reachable.add(state)
                pending.append(state)
    return False


def _successors(left: str, i: int, right: str, j: int) -> Iterable[tuple[int, int]]:
    a = left[i] if i < len(left) else None
    b = right[j] if j < len(right) else None
    # A star may end here, or swallow whatever the other side takes next.
    if a == "*":
        yield i + 1, j
        if b is not None:
            yield i, j + 1
    if b == "*":
        yield i, j + 1
        if a is not None:
            yield i + 1, j
    if a is not None and b is not None and "*" not in (a, b) and (a == b or "?" in (a, b)):
        yield i + 1, j + 1


def _literal(part: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in part)


def _full_match(expression: str) -> Matcher:
    match = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: match(text) is not None


def _always(text: str) -> bool:
    return True
