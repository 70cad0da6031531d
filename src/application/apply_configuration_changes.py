"""The optimizer's changes applied to a configuration: a pure function to a new one.

What can be changed is routing, and only routing: provider weights and limits, rules, aliases, strategy,
fallback. Addresses, credentials, headers, authentication and the server belong to who owns the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llm_gateway.application import rule_document as checked
from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount, RoutingSettings
from llm_gateway.application.configuration_change import UNSTATED, ConfigurationChange
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.routing_rule import RoutingRule

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parameter:
    """A value that can be changed: what it is now (plain JSON, or `_ABSENT`), how a new one is checked, and
    the configuration that has it. `put` takes `_ABSENT` to remove an entry."""

    now: Any
    check: Callable[[Any, str], Any]
    put: Callable[[Any], GatewayConfiguration]
    removable: bool = False


_PROVIDER_FIELDS: Mapping[str, Callable[[Any, str], Any]] = {
    "weight": checked.positive,
    "priority": checked.count,
    "max_concurrent": checked.optional(checked.positive),
    "quota_group": checked.optional(checked.text),
    "latency_tier": checked.optional(checked.count),
}
_RULE_FIELDS: Mapping[str, Callable[[Any, str], Any]] = {"enabled": checked.flag, "priority": checked.count}
_ACTION_FIELDS: Mapping[str, Callable[[Any, str], Any]] = {
    "providers": checked.texts,
    "weights": checked.weights,
    "strategy": checked.optional(checked.strategy),
    "model": checked.optional(checked.text),
    "terminal": checked.flag,
}
_ROUTING_FIELDS: Mapping[str, Callable[[Any, str], Any]] = {
    "strategy": checked.strategy,
    "default_providers": checked.texts,
}
_FALLBACK_FIELDS: Mapping[str, Callable[[Any, str], Any]] = {
    "enabled": checked.flag,
    "max_targets": checked.positive,
}


def apply_configuration_changes(
    configuration: GatewayConfiguration, changes: Sequence[ConfigurationChange]
) -> GatewayConfiguration:
    """All changes in order, or ConfigurationError for those that cannot be (path: the parameter; others).

    replace, update: the value becomes `new_value`. add: a new rule or alias, or more items of a list or
    mapping. remove: a rule or alias, the given items of a list or mapping, or an optional value.
    Names are checked when the result is compiled to a snapshot.
    """
    mistakes = []
    for change in changes:
        try:
            configuration = _applied(configuration, change)
        except ConfigurationError as exc:
            mistakes.append(exc)
    if mistakes:
        raise ConfigurationError(mistakes[0].message, path=mistakes[0].path, others=tuple(mistakes[1:]))
    return configuration


def _applied(configuration: GatewayConfiguration, change: ConfigurationChange) -> GatewayConfiguration:
    parameter = _find(configuration, change.parameter)
    now = None if parameter.now is _ABSENT else parameter.now
    if change.old_value is not UNSTATED and change.old_value != now:
        raise _refused(change, f"is {now!r} now, not {change.old_value!r}")
    value = _combined(parameter, change)
    return parameter.put(value if value is _ABSENT else parameter.check(value, change.parameter))


def _combined(parameter: _Parameter, change: ConfigurationChange) -> Any:
    now, new = parameter.now, change.new_value
    match change.change_type:
        case "replace" | "update" if now is not _ABSENT:
            return new
        case "add" if now is _ABSENT:
            return new
        case "add" if isinstance(now, list):
            return [*now, *(item for item in _items(new) if item not in now)]
        case "add" if isinstance(now, dict) and isinstance(new, dict) and not parameter.removable:
            return {**now, **new}
        case "remove" if isinstance(now, list) and new is not None and not parameter.removable:
            return [item for item in now if item not in _items(new)]
        case "remove" if isinstance(now, dict) and new is not None and not parameter.removable:
            return {key: value for key, value in now.items() if key not in _items(new)}
        case "remove" if parameter.removable and now is not _ABSENT:
            return _ABSENT
        case "remove" if now is not _ABSENT and not isinstance(now, list | dict):
            return None
    if now is _ABSENT:
        raise _refused(change, "does not exist")
    raise _refused(change, f"{change.change_type!r} does not fit here")


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | dict) else [value]


def _find(configuration: GatewayConfiguration, parameter: str) -> _Parameter:
    section, _, rest = parameter.removeprefix("routing.rules.").partition(".")
    if parameter.startswith("routing.rules."):
        return _rule(configuration, parameter.removeprefix("routing.rules."), parameter)
    if section == "rules" and rest:
        return _rule(configuration, rest, parameter)
    if section == "providers" and rest:
        return _provider(configuration, rest, parameter)
    if section == "routing" and rest:
        return _routing(configuration, rest, parameter)
    raise _unknown(parameter, "what can be changed begins with providers., rules. or routing.")


def _provider(configuration: GatewayConfiguration, rest: str, parameter: str) -> _Parameter:
    provider_id, field = _split(rest, (account.id for account in configuration.providers))
    account = configuration.account(provider_id)
    if account is None:
        raise _unknown(parameter, f"unknown provider {rest.partition('.')[0]!r}")
    if field not in _PROVIDER_FIELDS:
        raise _unknown(parameter, f"only {', '.join(_PROVIDER_FIELDS)} of a provider can be changed")

    def put(value: Any) -> GatewayConfiguration:
        changed = replace(account, **{field: value})
        return replace(configuration, providers=_swapped(configuration.providers, account, changed))

    return _Parameter(now=getattr(account, field), check=_PROVIDER_FIELDS[field], put=put)


def _rule(configuration: GatewayConfiguration, rest: str, parameter: str) -> _Parameter:
    rules = configuration.routing.rules
    name, field = _split(rest, (rule.name for rule in rules))
    rule = next((rule for rule in rules if rule.name == name), None)
    if rule is None or not field:
        return _whole_rule(configuration, rest, rule)
    inner = field.removeprefix("action.")
    in_action = inner != field
    checks = _ACTION_FIELDS if in_action else _RULE_FIELDS
    if inner not in checks:
        known = (*_RULE_FIELDS, *(f"action.{field}" for field in _ACTION_FIELDS))
        raise _unknown(parameter, f"only {', '.join(known)} of a rule can be changed")

    def put(value: Any) -> GatewayConfiguration:
        changes = {"action": replace(rule.action, **{inner: value})} if in_action else {inner: value}
        return _with_rules(configuration, _swapped(rules, rule, replace(rule, **changes)))

    document = checked.rule_document(rule)
    return _Parameter(
        now=(document["action"] if in_action else document)[inner], check=checks[inner], put=put
    )


def _whole_rule(configuration: GatewayConfiguration, name: str, rule: RoutingRule | None) -> _Parameter:
    rules = configuration.routing.rules

    def put(value: Any) -> GatewayConfiguration:
        if rule is None:
            return _with_rules(configuration, (*rules, value))
        if value is _ABSENT:
            return _with_rules(configuration, tuple(other for other in rules if other is not rule))
        # The file's headers stay: a change can neither set nor drop what travels upstream.
        kept = replace(value, action=replace(value.action, add_headers=rule.action.add_headers))
        return _with_rules(configuration, _swapped(rules, rule, kept))

    now = _ABSENT if rule is None else checked.rule_document(rule)
    return _Parameter(
        now=now,
        check=lambda value, path: checked.rule_from_document(name, value, path),
        put=put,
        removable=True,
    )


def _routing(configuration: GatewayConfiguration, rest: str, parameter: str) -> _Parameter:
    routing = configuration.routing
    head, _, inner = rest.partition(".")

    def put_routing(**changes: Any) -> GatewayConfiguration:
        return replace(configuration, routing=replace(routing, **changes))

    if head == "aliases" and inner:
        return _alias(routing, inner, put_routing)
    if head == "fallback" and inner in _FALLBACK_FIELDS:
        return _Parameter(
            now=getattr(routing.fallback, inner),
            check=_FALLBACK_FIELDS[inner],
            put=lambda value: put_routing(fallback=replace(routing.fallback, **{inner: value})),
        )
    if rest in _ROUTING_FIELDS:
        now = getattr(routing, rest)
        return _Parameter(
            now=list(now) if isinstance(now, tuple) else now,
            check=_ROUTING_FIELDS[rest],
            put=lambda value: put_routing(**{rest: value}),
        )
    raise _unknown(parameter, "of routing only strategy, default_providers, fallback, aliases and rules")


def _alias(
    routing: RoutingSettings, name: str, put_routing: Callable[..., GatewayConfiguration]
) -> _Parameter:
    def put(value: Any) -> GatewayConfiguration:
        others = {key: targets for key, targets in routing.aliases.items() if key != name}
        return put_routing(aliases=others if value is _ABSENT else {**others, name: value})

    targets = routing.aliases.get(name)
    return _Parameter(
        now=_ABSENT if targets is None else list(targets), check=_targets, put=put, removable=True
    )


def _targets(value: Any, path: str) -> tuple[str, ...]:
    targets = (value,) if isinstance(value, str) and value else checked.texts(value, path)
    if not targets:
        raise ConfigurationError(f"{path}: must not be empty", path=path)
    return targets


def _split(rest: str, names: Iterable[str]) -> tuple[str, str]:
    """The longest known name that `rest` begins with (names may hold dots), and what follows it."""
    fitting = [name for name in names if rest == name or rest.startswith(f"{name}.")]
    name = max(fitting, key=len, default="")
    return name, rest[len(name) + 1 :] if name else ""


def _swapped(items: tuple[Any, ...], old: ProviderAccount | RoutingRule, new: Any) -> tuple[Any, ...]:
    return tuple(new if item is old else item for item in items)


def _with_rules(configuration: GatewayConfiguration, rules: tuple[RoutingRule, ...]) -> GatewayConfiguration:
    return replace(configuration, routing=replace(configuration.routing, rules=rules))


def _refused(change: ConfigurationChange, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{change.parameter}: {reason}", path=change.parameter)


def _unknown(parameter: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{parameter}: {reason}", path=parameter)
