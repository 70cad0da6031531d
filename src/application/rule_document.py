"""Routing rules as plain JSON in the shape of `gateway.yaml`, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Never, TypeVar, get_args

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.strategy import Strategy

T = TypeVar("T")
Check = Callable[[Any, str], Any]


def rule_document(rule: RoutingRule) -> dict[str, Any]:
    match, action = rule.match, rule.action
    return {
        "name": rule.name,
        "priority": rule.priority,
        "enabled": rule.enabled,
        "match": {
            "models": list(match.models),
            "tenants": list(match.tenants),
            "headers": dict(match.headers),
            "capabilities": sorted(match.capabilities),
            "min_input_tokens": match.min_input_tokens,
            "max_input_tokens": match.max_input_tokens,
            "metadata": dict(match.metadata),
        },
        "action": {
            "providers": list(action.providers),
            "weights": dict(action.weights),
            "strategy": action.strategy,
            "model": action.model,
            "add_headers": dict(action.add_headers),
            "terminal": action.terminal,
        },
    }


def rule_from_document(name: str, document: Any, path: str) -> RoutingRule:
    """The inverse, strict: an unknown key or a wrong type raises ConfigurationError with its path.

    Headers cannot be set this way: only who owns the file decides what travels upstream.
    """
    outer = _checked(document, path, _RULE)
    match = _checked(outer.pop("match", {}), f"{path}.match", _MATCH)
    action = _checked(outer.pop("action", {}), f"{path}.action", _ACTION)
    if outer.pop("name", name) != name:
        raise ConfigurationError(f"{path}.name: is not {name!r}", path=f"{path}.name")
    return RoutingRule(name=name, match=RuleMatch(**match), action=RuleAction(**action), **outer)


def text(value: Any, path: str) -> str:
    return value if isinstance(value, str) and value else _refuse("must be text", path)


def flag(value: Any, path: str) -> bool:
    return value if isinstance(value, bool) else _refuse("must be true or false", path)


def count(value: Any, path: str) -> int:
    return _whole(value, 0, path)


def positive(value: Any, path: str) -> int:
    return _whole(value, 1, path)


def strategy(value: Any, path: str) -> Strategy:
    known: tuple[Strategy, ...] = get_args(Strategy)
    for name in known:
        if name == value:
            return name
    return _refuse(f"must be one of {', '.join(known)}", path)


def texts(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        _refuse("must be a list of texts", path)
    return tuple(text(item, f"{path}[{index}]") for index, item in enumerate(value))


def weights(value: Any, path: str) -> tuple[tuple[str, int], ...]:
    mapping = _mapping(value, path)
    return tuple((name, positive(weight, f"{path}.{name}")) for name, weight in mapping.items())


def optional(check: Callable[[Any, str], T]) -> Callable[[Any, str], T | None]:
    return lambda value, path: None if value is None else check(value, path)


def _patterns(value: Any, path: str) -> tuple[tuple[str, str], ...]:
    mapping = _mapping(value, path)
    return tuple(sorted((name.lower(), text(glob, f"{path}.{name}")) for name, glob in mapping.items()))


def _metadata(value: Any, path: str) -> tuple[tuple[str, str], ...]:
    mapping = _mapping(value, path)
    return tuple(sorted((key, text(glob, f"{path}.{key}")) for key, glob in mapping.items()))


def _capabilities(value: Any, path: str) -> frozenset[Capability]:
    known = {capability.value: capability for capability in Capability}
    names = texts(value, path)
    unknown = [name for name in names if name not in known]
    return (
        frozenset(known[n] for n in names)
        if not unknown
        else _refuse(f"unknown capability {unknown[0]!r}", path)
    )


def _anything(value: Any, path: str) -> Any:
    return value


_RULE: Mapping[str, Check] = {
    "name": text,
    "priority": count,
    "enabled": flag,
    "match": _anything,
    "action": _anything,
}
_MATCH: Mapping[str, Check] = {
    "models": texts,
    "tenants": texts,
    "headers": _patterns,
    "capabilities": _capabilities,
    "min_input_tokens": count,
    "max_input_tokens": optional(count),
    "metadata": _metadata,
}
_ACTION: Mapping[str, Check] = {
    "providers": texts,
    "weights": weights,
    "strategy": optional(strategy),
    "model": optional(text),
    "terminal": flag,
}


def _checked(document: Any, path: str, checks: Mapping[str, Check]) -> dict[str, Any]:
    result = {}
    for key, value in _mapping(document, path).items():
        if key not in checks:
            _refuse(f"unknown key; known here: {', '.join(sorted(checks))}", f"{path}.{key}")
        result[key] = checks[key](value, f"{path}.{key}")
    return result


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    return _refuse("must be a mapping", path)


def _whole(value: Any, least: int, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    return _refuse(f"must be a whole number of at least {least}", path)


def _refuse(reason: str, path: str) -> Never:
    raise ConfigurationError(f"{path}: {reason}", path=path)
