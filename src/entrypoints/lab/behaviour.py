"""What the lab is asked to do, read from the model's name and the `x-lab-*` headers.

One syntax: terms joined by `+`, after an optional `lab/`, such as `lab/tools+stall@2`, `429+retry-after=7`
or `cut@3` (then the content is `lorem`). The header `x-lab-fault` takes the same terms, joined by `,` or `+`,
and wins over the name, which it also frees: with it any model name will do. `x-lab-pace: 5ms` is `pace=5ms`.

    echo lorem tools reasoning huge   what is answered (content.py)
    words=N                           length of `lorem` and `reasoning`
    cut@N stall@N                     a stream closes, or falls silent, after N content events; a plain body
                                      after N bytes, at the latest at half of what its head announced
    malformed@N                       the N-th content event is broken JSON; so is a plain body
    error@N                           an error event ends the stream after N content events; plain: status 500
    200-with-error                    status 200, but the body, or the only event, is an error
    400 401 403 404 413 429 500 502 503 529   that status; `retry-after=N` (seconds) may go with it
    flaky=K                           500 for the first K requests of this model and `x-lab-key` header
    slow-first-byte=T pace=T          before the head, between content events; 5, 5ms and 0.005s are the same
    reset half-open garbage-headers   instead of an answer: TCP reset, half a head and silence, no HTTP
    early-close                       close before any byte; by header already before the body is read
    no-done                           OpenAI's stream without its `[DONE]`
    close                             `Connection: close` after an otherwise good answer
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Content = Literal["lorem", "echo", "tools", "reasoning", "huge"]
Break = Literal["cut", "stall", "malformed", "error", "200-with-error"]
Instead = Literal["reset", "half-open", "garbage-headers", "early-close"]


class UnknownModel(ValueError):
    """The name is neither a content nor a fault: a provider would say 404."""


class UnknownTerm(ValueError):
    """A term that the lab does not know or cannot combine; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One request's instructions; times in seconds.

    `instead` replaces the answer, `status` answers with an error of that status, `flaky` does so (500) for
    the first K requests only, `breaks` spoils an answer that began well, after `at` content events.
    """

    terms: tuple[str, ...] = ()
    content: Content = "lorem"
    words: int | None = None
    status: int | None = None
    retry_after: int | None = None
    flaky: int = 0
    instead: Instead | None = None
    breaks: Break | None = None
    at: int = 0
    first_byte_delay: float = 0.0
    pace: float = 0.0
    done: bool = True
    close: bool = False


STATUSES = (400, 401, 403, 404, 413, 429, 500, 502, 503, 529)
MODELS = (
    *("echo", "lorem", "tools", "reasoning", "huge"),
    *("cut@3", "stall@3", "malformed@3", "error@3", "200-with-error", "no-done", "flaky=2", "close"),
    *("slow-first-byte=500ms", "pace=5ms", "reset", "half-open", "garbage-headers", "early-close"),
    *("429+retry-after=1", "503+retry-after=1", *map(str, STATUSES)),
)
"""What GET /v1/models lists: every content, and every fault once with an example of its number."""

_SWITCHES: dict[str, dict[str, Any]] = {
    **{name: {"content": name} for name in ("echo", "lorem", "tools", "reasoning", "huge")},
    **{str(status): {"status": status} for status in STATUSES},
    **{name: {"instead": name} for name in ("reset", "half-open", "garbage-headers", "early-close")},
    "200-with-error": {"breaks": "200-with-error"},
    "no-done": {"done": False},
    "close": {"close": True},
}
_AFTER_EVENTS = ("cut", "stall", "malformed", "error")
_DURATION = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(ms|s)?", re.ASCII)
_COUNT = re.compile(r"\d{1,7}", re.ASCII)


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration such as 5ms or 2s")
    return float(match[1]) * (1.0 if match[2] == "s" else 0.001)


def _count(text: str) -> int:
    if _COUNT.fullmatch(text) is None:
        raise ValueError("a whole number")
    return int(text)


_SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "pace": ("pace", _seconds),
    "slow-first-byte": ("first_byte_delay", _seconds),
    "retry-after": ("retry_after", _count),
    "flaky": ("flaky", _count),
    "words": ("words", _count),
}


def parse_behaviour(
    model: str, *, fault: str = "", pace: str = "", otherwise: str | None = None
) -> Behaviour:
    """The instructions of one request.

    `fault` and `pace` are the headers' values; `otherwise` is what a name that means nothing stands for.
    Raises UnknownModel, UnknownTerm.
    """
    asked = _terms(fault.replace(",", "+"))
    if pace:
        asked = (*asked, f"pace={pace.strip()}")
    named = _terms(model.removeprefix("lab/"))
    if not _known(named[0] if named else ""):
        if not asked and otherwise is None:
            raise UnknownModel(f"The model `{model}` does not exist or you do not have access to it.")
        named = _terms(otherwise or "")
    fields = _fields(named) | _fields(asked)
    if "retry_after" in fields and not ("status" in fields or "flaky" in fields):
        raise UnknownTerm("retry-after needs a status beside it, such as 429+retry-after=5")
    return Behaviour(terms=(*named, *asked), **fields)


def _terms(text: str) -> tuple[str, ...]:
    return tuple(term for part in text.split("+") if (term := part.strip()))


def _known(term: str) -> bool:
    return term in _SWITCHES or "@" in term or "=" in term


def _fields(terms: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for term in terms:
        for name, value in _meaning(term).items():
            if name in fields:
                raise UnknownTerm(f"`{term}` contradicts another term of `{'+'.join(terms)}`")
            fields[name] = value
    return fields


def _meaning(term: str) -> dict[str, Any]:
    if (switch := _SWITCHES.get(term)) is not None:
        return switch
    name, at, count = term.partition("@")
    if at and name in _AFTER_EVENTS and _COUNT.fullmatch(count):
        return {"breaks": name, "at": int(count)}
    name, equals, value = term.partition("=")
    if equals and name in _SETTINGS:
        field, read = _SETTINGS[name]
        try:
            return {field: read(value)}
        except ValueError as exc:
            raise UnknownTerm(f"`{term}`: {name} wants {exc}") from exc
    raise UnknownTerm(f"the lab knows no fault `{term}`")
