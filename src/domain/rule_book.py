"""RuleBook: the rules of a snapshot compiled, so that a request looks only at those it may match."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from llm_gateway.domain.glob import Matcher, compile_any, compile_glob, is_glob
from llm_gateway.domain.memo import Memo
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_rule import RoutingRule, RuleMatch

_NARROWED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """`position` is the place in the order of evaluation; `unconditional` means that model and tenant
    are all it looks at."""

    position: int
    rule: RoutingRule
    model_matches: Matcher | None
    tenant_matches: Matcher | None
    headers: tuple[tuple[str, Matcher], ...]
    metadata: tuple[tuple[str, Matcher], ...]
    unconditional: bool

    def matches_names(self, names: Sequence[str], tenant: str | None) -> bool:
        if self.model_matches is not None and not any(self.model_matches(name) for name in names):
            return False
        return self.tenant_matches is None or (tenant is not None and self.tenant_matches(tenant))

    def matches_rest(self, facts: RequestFacts) -> bool:
        match = self.rule.match
        if facts.input_tokens < match.min_input_tokens:
            return False
        if match.max_input_tokens is not None and facts.input_tokens > match.max_input_tokens:
            return False
        if not match.capabilities <= facts.capabilities:
            return False
        return _all_match(self.headers, facts.headers) and _all_match(self.metadata, facts.metadata)


class RuleBook:
    """Enabled rules in order of evaluation, indexed by exact model name."""

    __slots__ = ("_by_name", "_narrowed", "_rules", "_token_bounds", "_unindexed")

    def __init__(self, rules: Sequence[RoutingRule]) -> None:
        ordered = sorted((rule for rule in rules if rule.enabled), key=lambda rule: rule.priority)
        self._rules = tuple(_compile(position, rule) for position, rule in enumerate(ordered))
        self._by_name: dict[str, list[int]] = {}
        self._unindexed: list[int] = []
        for position, rule in enumerate(ordered):
            if not rule.match.models or any(is_glob(name) for name in rule.match.models):
                self._unindexed.append(position)
                continue
            for name in rule.match.models:
                self._by_name.setdefault(name, []).append(position)
        bounds = {rule.match.min_input_tokens for rule in ordered}
        bounds |= {m + 1 for rule in ordered if (m := rule.match.max_input_tokens) is not None}
        self._token_bounds = sorted(bounds)
        self._narrowed: Memo[tuple[tuple[str, ...], str | None], tuple[CompiledRule, ...]] = Memo(_NARROWED)

    def token_class(self, input_tokens: int) -> int:
        """Equal for two sizes that no rule tells apart."""
        return bisect_right(self._token_bounds, input_tokens)

    def matching(self, names: tuple[str, ...], facts: RequestFacts) -> tuple[CompiledRule, ...]:
        """The rules that match, up to and including the first terminal one.

        `names` are the names under which the requested model is known.
        """
        key = (names, facts.tenant)
        possible = self._narrowed.get(key)
        if possible is None:
            possible = self._narrowed.keep(key, self._possible(names, facts.tenant))
        matched = []
        for compiled in possible:
            if compiled.unconditional or compiled.matches_rest(facts):
                matched.append(compiled)
                if compiled.rule.action.terminal:
                    break
        return tuple(matched)

    def _possible(self, names: tuple[str, ...], tenant: str | None) -> tuple[CompiledRule, ...]:
        positions = {position for name in names for position in self._by_name.get(name, ())}
        possible = []
        for position in sorted(positions.union(self._unindexed)):
            compiled = self._rules[position]
            if compiled.matches_names(names, tenant):
                possible.append(compiled)
                if compiled.unconditional and compiled.rule.action.terminal:
                    break
        return tuple(possible)


def _compile(position: int, rule: RoutingRule) -> CompiledRule:
    match = rule.match
    return CompiledRule(
        position=position,
        rule=rule,
        model_matches=compile_any(match.models) if match.models else None,
        tenant_matches=compile_any(match.tenants) if match.tenants else None,
        headers=tuple((name.lower(), compile_glob(glob)) for name, glob in match.headers),
        metadata=tuple((key, compile_glob(glob)) for key, glob in match.metadata),
        unconditional=_is_unconditional(match),
    )


def _is_unconditional(match: RuleMatch) -> bool:
    return (
        not match.headers
        and not match.metadata
        and not match.capabilities
        and match.min_input_tokens <= 0
        and match.max_input_tokens is None
    )


def _all_match(conditions: tuple[tuple[str, Matcher], ...], values: tuple[tuple[str, str], ...]) -> bool:
    return all(any(name == key and matches(value) for key, value in values) for name, matches in conditions)
