"""Cross references: names inside a configuration that must be known, and ids that must be unique.

The routing snapshot refuses the same mistakes; here each gets its own place and the nearest known name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from llm_gateway.adapters.configuration.gateway_file import GatewayFile
from llm_gateway.adapters.configuration.problem import Path, Problem, nearest

MAX_ALIAS_TARGETS = 256
MAX_ALIAS_DEPTH = 16


def cross_reference_problems(file: GatewayFile, provider_ids: Iterable[str]) -> Iterator[Problem]:
    """`provider_ids` are all that exist, those of the environment included."""
    known = frozenset(provider_ids)
    routing = file.routing
    yield from _unknown(("routing", "default_providers"), enumerate(routing.default_providers), known)
    for index, rule in enumerate(routing.rules):
        action: Path = ("routing", "rules", index, "action")
        yield from _unknown((*action, "providers"), enumerate(rule.action.providers), known)
        weights = ((provider_id, provider_id) for provider_id in rule.action.weights)
        yield from _unknown((*action, "weights"), weights, known)
    yield from _alias_growth(routing.aliases)
    keys = file.auth.keys
    yield from _repeated(("providers",), "id", [entry.id for entry in file.providers or ()])
    yield from _repeated(("routing", "rules"), "name", [rule.name for rule in routing.rules])
    yield from _repeated(("auth", "keys"), "id", [key.id for key in keys])
    yield from _repeated(("auth", "keys"), "sha256", [key.sha256 for key in keys])


def _unknown(path: Path, named: Iterable[tuple[str | int, str]], known: frozenset[str]) -> Iterator[Problem]:
    for place, provider_id in named:
        if provider_id not in known:
            hint = nearest(provider_id, known) or _listing(known)
            yield Problem(path=(*path, place), reason=f"unknown provider {provider_id!r}", hint=hint)


def _alias_growth(aliases: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Aliases of aliases multiply: a few lines could mean billions of targets. (Loops are the snapshot's.)"""
    sizes: dict[str, int] = {}

    def size(name: str, above: tuple[str, ...]) -> int:
        if name in above or name not in aliases:
            return 1
        if len(above) >= MAX_ALIAS_DEPTH:
            return MAX_ALIAS_TARGETS + 1
        if name not in sizes:
            sizes[name] = sum(size(member, (*above, name)) for member in aliases[name])
        return sizes[name]

    for name in aliases:
        if size(name, ()) > MAX_ALIAS_TARGETS:
            reason = f"leads to more than {MAX_ALIAS_TARGETS} targets or over {MAX_ALIAS_DEPTH} other aliases"
            yield Problem(path=("routing", "aliases", name), reason=reason)


def _listing(known: frozenset[str]) -> str:
    return f"one of {', '.join(sorted(known))}" if known else "no provider is configured"


def _repeated(path: Path, field: str, values: list[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in first:
            reason = f"duplicate {field} {value!r}, given before in {path[-1]}[{first[value]}]"
            yield Problem(path=(*path, index, field), reason=reason)
        first.setdefault(value, index)
