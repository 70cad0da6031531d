"""What makes a routing configuration wrong, each with the path of the offending value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.model_catalogue import ModelCatalogue
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.strategy import STRATEGIES
from llm_gateway.domain.token_cost import price_per_token

_DEEPEST_ALIAS = 16


def check_providers(providers: Sequence[Provider]) -> None:
    """Ids, weights, model names and prices. Raises ConfigurationError."""
    _check_unique((provider.id for provider in providers), "providers[{}].id")
    for index, provider in enumerate(providers):
        path = f"providers[{index}]"
        if not provider.id or "/" in provider.id:
            raise ConfigurationError(
                f"{provider.id!r} is not a provider id: it must be non-empty and hold no '/'",
                path=f"{path}.id",
            )
        if provider.weight <= 0:
            raise ConfigurationError(
                f"weight {provider.weight} is not positive",
                path=f"{path}.weight",
                hint="remove the provider to send it nothing",
            )
        _check_unique((model.name for model in provider.models), path + ".models[{}].name")
        _check_models(provider, path)


def check_routing(
    strategy: str, default_providers: Sequence[str], max_targets: int, known: Iterable[str]
) -> None:
    known = set(known)
    if max_targets < 0:
        raise ConfigurationError("max_targets is negative", path="routing.fallback.max_targets")
    if strategy not in STRATEGIES:
        raise ConfigurationError(
            f"unknown strategy {strategy!r}",
            path="routing.strategy",
            hint=f"one of {', '.join(STRATEGIES)}",
        )
    for index, provider_id in enumerate(default_providers):
        _check_known(provider_id, known, f"routing.default_providers[{index}]")


def check_aliases(aliases: Mapping[str, tuple[str, ...]], catalogue: ModelCatalogue) -> None:
    """Loops first: a catalogue must not be asked to resolve one."""
    settled: set[str] = set()
    for name in aliases:
        _check_loop(name, aliases, (), settled)
    for name, members in aliases.items():
        if not name or not members:
            raise ConfigurationError("an alias needs a name and a target", path=f"routing.aliases.{name}")
        for index, member in enumerate(members):
            if not catalogue.resolve(member).found:
                raise ConfigurationError(
                    f"alias {name!r} leads to {member!r}, which no provider serves",
                    path=_member_path(name, index, members),
                )


def check_rules(rules: Sequence[RoutingRule], known: Iterable[str], catalogue: ModelCatalogue) -> None:
    known = set(known)
    _check_unique((rule.name for rule in rules), "routing.rules[{}].name")
    for index, rule in enumerate(rules):
        path = f"routing.rules[{index}]"
        action = rule.action
        for place, provider_id in enumerate(action.providers):
            _check_known(provider_id, known, f"{path}.action.providers[{place}]")
        for provider_id, weight in action.weights:
            _check_known(provider_id, known, f"{path}.action.weights.{provider_id}")
            if weight <= 0:
                raise ConfigurationError(
                    f"weight {weight} is not positive", path=f"{path}.action.weights.{provider_id}"
                )
        if action.strategy is not None and action.strategy not in STRATEGIES:
            raise ConfigurationError(
                f"unknown strategy {action.strategy!r}",
                path=f"{path}.action.strategy",
                hint=f"one of {', '.join(STRATEGIES)}",
            )
        _check_rule_models(rule, path, catalogue)


def _check_rule_models(rule: RoutingRule, path: str, catalogue: ModelCatalogue) -> None:
    """A rule that rewrites the model may well match names that nobody serves; any other cannot."""
    model = rule.action.model
    if model is not None:
        served = catalogue.resolve(model).found or any(
            catalogue.listings[provider_id].profile(model) for provider_id in rule.action.providers
        )
        if not served:
            raise ConfigurationError(f"no provider serves {model!r}", path=f"{path}.action.model")
        return
    for place, glob in enumerate(rule.match.models):
        if not catalogue.can_mean(glob):
            raise ConfigurationError(
                f"{glob!r} matches no model that is configured", path=f"{path}.match.models[{place}]"
            )


def _check_models(provider: Provider, path: str) -> None:
    for index, model in enumerate(provider.models):
        if not model.name:
            raise ConfigurationError("a model needs a name", path=f"{path}.models[{index}].name")
        if model.is_pattern and model.aliases:
            raise ConfigurationError(
                f"pattern {model.name!r} cannot have aliases", path=f"{path}.models[{index}].aliases"
            )
        for field in ("input_price", "output_price"):
            price = getattr(model, field)
            try:
                price is None or price_per_token(price)
            except ValueError as exc:
                raise ConfigurationError(str(exc), path=f"{path}.models[{index}].{field}") from exc


def _check_unique(names: Iterable[str], path: str) -> None:
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            raise ConfigurationError(
                f"{name!r} is already the name of {path.format(seen[name])}", path=path.format(index)
            )
        seen[name] = index


def _check_known(provider_id: str, known: set[str], path: str) -> None:
    if provider_id not in known:
        raise ConfigurationError(
            f"unknown provider {provider_id!r}", path=path, hint=f"one of {', '.join(sorted(known))}"
        )


def _check_loop(
    name: str, aliases: Mapping[str, tuple[str, ...]], above: tuple[str, ...], settled: set[str]
) -> None:
    """`settled` are aliases below which nothing is wrong: each is walked once, however often named."""
    if name in above:
        raise ConfigurationError(
            f"alias loop: {' -> '.join((*above, name))}", path=f"routing.aliases.{above[0]}"
        )
    if name in settled:
        return
    if len(above) > _DEEPEST_ALIAS:
        raise ConfigurationError(
            f"aliases lead through more than {_DEEPEST_ALIAS} others", path=f"routing.aliases.{above[0]}"
        )
    for member in aliases.get(name, ()):
        _check_loop(member, aliases, (*above, name), settled)
    settled.add(name)


def _member_path(name: str, index: int, members: tuple[str, ...]) -> str:
    return f"routing.aliases.{name}" if len(members) == 1 else f"routing.aliases.{name}[{index}]"
