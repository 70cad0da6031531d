"""RoutingSnapshot: the whole routing configuration, immutable, identified by a content hash."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from llm_gateway.domain.canonical_json import digest
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.memo import Memo
from llm_gateway.domain.model_catalogue import ListedModel, ModelCatalogue
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_plan import RoutingPlan, build_plan
from llm_gateway.domain.routing_rule import RoutingRule, Strategy
from llm_gateway.domain.rule_book import RuleBook
from llm_gateway.domain.shortlist import Shortlist, context_need, shortlist
from llm_gateway.domain.snapshot_document import document_of, provider_from, rule_from
from llm_gateway.domain.snapshot_validation import (
    check_aliases,
    check_providers,
    check_routing,
    check_rules,
)

_PLANS = 256
_REQUESTS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """`max_targets` bounds the targets after the selected one."""

    enabled: bool = True
    max_targets: int = 3


_NO_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_DEFAULT_FALLBACK = Fallback()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoutingSnapshot:
    """Made by `build`, which validates; equal content means equal `hash`.

    `header_names` (lower case) and `metadata_keys` are all that a rule or the affinity list looks at;
    the `rule_…` ones leave the affinity list out and are what facts may hold.
    """

    hash: str
    providers: Mapping[str, Provider]
    rules: tuple[RoutingRule, ...]
    strategy: Strategy
    default_providers: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    fallback: Fallback
    affinity: tuple[str, ...]
    rule_header_names: frozenset[str]
    rule_metadata_keys: frozenset[str]
    header_names: frozenset[str]
    metadata_keys: frozenset[str]
    _catalogue: ModelCatalogue = field(repr=False)
    _rule_book: RuleBook = field(repr=False)
    # Keyed by what clients send, so all bounded.
    _names: Memo[str, tuple[str, ...]] = field(repr=False, default_factory=lambda: Memo(_REQUESTS))
    _requests: Memo[tuple[object, ...], RoutingPlan] = field(
        repr=False, default_factory=lambda: Memo(_REQUESTS)
    )
    _plans: Memo[tuple[object, ...], RoutingPlan] = field(repr=False, default_factory=lambda: Memo(_PLANS))

    @classmethod
    def build(
        cls,
        *,
        providers: Sequence[Provider],
        rules: Sequence[RoutingRule] = (),
        strategy: Strategy = "priority",
        default_providers: Sequence[str] = (),
        aliases: Mapping[str, tuple[str, ...]] = _NO_ALIASES,
        fallback: Fallback = _DEFAULT_FALLBACK,
        affinity: Sequence[str] = (),
    ) -> RoutingSnapshot:
        """Raises ConfigurationError, with the path of the offending value, for what cannot work."""
        aliases = {name: tuple(members) for name, members in aliases.items()}
        check_providers(providers)
        by_id = {provider.id: provider for provider in providers}
        check_routing(strategy, default_providers, fallback.max_targets, by_id)
        catalogue = ModelCatalogue(providers, default_providers, aliases)
        check_aliases(aliases, catalogue)
        check_rules(rules, by_id, catalogue)
        rule_headers = frozenset(name.lower() for rule in rules for name, _ in rule.match.headers)
        rule_metadata = frozenset(key for rule in rules for key, _ in rule.match.metadata)
        snapshot = cls(
            hash="",
            providers=MappingProxyType(by_id),
            rules=tuple(rules),
            strategy=strategy,
            default_providers=tuple(default_providers),
            aliases=MappingProxyType(aliases),
            fallback=fallback,
            affinity=tuple(affinity),
            rule_header_names=rule_headers,
            rule_metadata_keys=rule_metadata,
            header_names=rule_headers | _sources(affinity, "header:", str.lower),
            metadata_keys=rule_metadata | _sources(affinity, "metadata:", str),
            _catalogue=catalogue,
            _rule_book=RuleBook(rules),
        )
        return replace(snapshot, hash=_hash(snapshot.document()))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> RoutingSnapshot:
        """The inverse of `document`. Raises ConfigurationError for anything else."""
        try:
            return cls.build(
                providers=[provider_from(item) for item in document["providers"]],
                rules=[rule_from(item) for item in document["rules"]],
                strategy=document["strategy"],
                default_providers=document["default_providers"],
                aliases={name: tuple(members) for name, members in document["aliases"].items()},
                fallback=Fallback(**document["fallback"]),
                affinity=document["affinity"],
            )
        except (TypeError, ValueError, KeyError, AttributeError) as exc:
            raise ConfigurationError(f"not a routing snapshot: {exc}") from exc

    def document(self) -> dict[str, Any]:
        """JSON-able content, which `hash` is the canonical SHA-256 of."""
        return {
            "providers": [document_of(provider) for provider in self.providers.values()],
            "rules": [document_of(rule) for rule in self.rules],
            "strategy": self.strategy,
            "default_providers": list(self.default_providers),
            "aliases": {name: list(members) for name, members in self.aliases.items()},
            "fallback": {"enabled": self.fallback.enabled, "max_targets": self.fallback.max_targets},
            "affinity": list(self.affinity),
        }

    def models(self) -> tuple[ListedModel, ...]:
        """The model ids for clients: see `ModelCatalogue.listed`."""
        return self._catalogue.listed()

    def explicit_model(self, name: str) -> ListedModel | None:
        """The listed model that `provider/model` names."""
        return self._catalogue.listed_explicitly(name)

    def plan(self, facts: RequestFacts) -> RoutingPlan:
        """What this configuration makes of a request's model and of the rules it matches."""
        key = (
            facts.model,
            facts.tenant,
            facts.capabilities,
            self._rule_book.token_class(facts.input_tokens),
            facts.headers and tuple(h for h in facts.headers if h[0] in self.rule_header_names),
            facts.metadata and tuple(m for m in facts.metadata if m[0] in self.rule_metadata_keys),
        )
        plan = self._requests.get(key)
        return plan if plan is not None else self._requests.keep(key, self._plan(facts))

    def shortlist(self, plan: RoutingPlan, facts: RequestFacts) -> Shortlist:
        """The candidates of a plan that can serve a request at all."""
        hints = facts.hints
        key = (
            facts.capabilities,
            facts.parameters,
            facts.bound_to,
            bisect_left(plan.windows, context_need(facts)),
            hints.excluded_providers,
            hints.max_latency_tier,
        )
        known = plan.shortlists.get(key)
        if known is not None:
            return known
        return plan.shortlists.keep(key, shortlist(plan.entries, plan.left_out, facts))

    def _plan(self, facts: RequestFacts) -> RoutingPlan:
        names = self._names.get(facts.model)
        if names is None:
            names = self._names.keep(facts.model, self._catalogue.names_of(facts.model))
        rules = tuple(compiled.rule for compiled in self._rule_book.matching(names, facts))
        key = (facts.model, *(rule.name for rule in rules))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans.keep(key, build_plan(facts.model, rules, self._catalogue, self.strategy))
        return plan


def _hash(document: dict[str, Any]) -> str:
    try:
        return digest(document)
    except ValueError as exc:
        raise ConfigurationError(f"the configuration holds a value that JSON cannot: {exc}") from exc


def _sources(affinity: Sequence[str], prefix: str, form: Callable[[str], str]) -> frozenset[str]:
    return frozenset(form(s.removeprefix(prefix)) for s in affinity if s.startswith(prefix))
