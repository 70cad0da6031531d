"""BacktestPolicy: what a draft configuration would have done with the decisions on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive
from llm_gateway.application.stored_decision import StoredDecision
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.model_catalogue import ModelCatalogue
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_cost import output_estimate

_EXAMPLES = 5
_ATTO = -18


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """`before` and `after` are `provider/model` or `reject:<code>`; `examples` a few decision ids."""

    before: str
    after: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """`decisions` were decided again; `follow_ups` (fallbacks of a request) were not, because a changed first
    choice changes whether they happen at all.

    Costs are US dollars of the `priced` decisions, those whose target has a known price before and after,
    estimated from the request's input and the output it allows. `unseen` names what the draft looks at and
    the records cannot hold (`header:x-region`, `metadata:team`, `affinity`, and `policy` where it has
    candidates on which policy peers were not asked): there the draft was judged blind.
    """

    decisions: int
    follow_ups: int
    changes: tuple[RouteChange, ...]
    newly_unroutable: int
    newly_routable: int
    priced: int
    cost_before: Decimal
    cost_after: Decimal
    unseen: tuple[str, ...]

    @property
    def changed(self) -> int:
        return sum(change.count for change in self.changes)

    @property
    def changed_share(self) -> float:
        """0..1 of the decisions."""
        return self.changed / self.decisions if self.decisions else 0.0

    @property
    def cost_delta(self) -> Decimal:
        return self.cost_after - self.cost_before

    def exceeds(self, threshold: float) -> bool:
        """Whether more than `threshold` (0..1) of the routes change, or any request loses its last one."""
        return self.changed_share > threshold or self.newly_unroutable > 0


@dataclass(slots=True)
class _Tally:
    decisions: int = 0
    follow_ups: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    newly_unroutable: int = 0
    newly_routable: int = 0
    priced: int = 0
    cost_before: int = 0
    cost_after: int = 0
    unseen: set[str] = field(default_factory=set)


class BacktestPolicy:
    """Called by `llm-gateway backtest`."""

    def __init__(self, archive: SnapshotArchive) -> None:
        self._archive = archive
        self._router = Router()

    def __call__(self, records: Iterable[Mapping[str, Any]], draft: RoutingSnapshot) -> BacktestReport:
        """Decide every recorded first decision again on `draft`, with the health it was made with.

        Past prices and past matchers come from the archived snapshot; where it is gone, the draft's prices
        stand in. Raises InvalidRequest at the first record that is none.
        """
        tally = _Tally()
        after_prices = _Prices(draft)
        pasts: dict[str, tuple[RoutingSnapshot | None, _Prices]] = {}
        for record in records:
            stored = StoredDecision.read(record)
            if stored.inputs.after:
                tally.follow_ups += 1
                continue
            if stored.snapshot_hash not in pasts:
                past = self._archived(stored.snapshot_hash)
                pasts[stored.snapshot_hash] = past, _Prices(past) if past else after_prices
                tally.unseen |= _unseen(past, draft)
            inputs = stored.inputs
            decision = self._router.decide(inputs.facts, draft, inputs.health)
            if _unjudged(decision, inputs.health):
                tally.unseen.add("policy")
            rejection = decision.rejection
            route = decision.selected.id if decision.selected else f"reject:{rejection and rejection.code}"
            _count(tally, stored, decision.selected, route)
            before = pasts[stored.snapshot_hash][1].of(stored.selected, inputs.facts)
            after = after_prices.of(decision.selected, inputs.facts)
            if before is not None and after is not None:
                tally.priced += 1
                tally.cost_before += before
                tally.cost_after += after
        return _report(tally)

    def _archived(self, snapshot_hash: str) -> RoutingSnapshot | None:
        document = self._archive.load(snapshot_hash)
        return None if document is None else RoutingSnapshot.from_document(document)


class _Prices:
    """Estimated cost of requests by the prices of one snapshot, in attodollars."""

    def __init__(self, snapshot: RoutingSnapshot) -> None:
        self._listings = ModelCatalogue(tuple(snapshot.providers.values()), (), {}).listings
        self._known: dict[Target, tuple[int, int] | None] = {}

    def of(self, target: Target | None, facts: RequestFacts) -> int | None:
        if target is None:
            return None
        if target not in self._known:
            listing = self._listings.get(target.provider_id)
            profile = listing.profile(target.model) if listing else None
            self._known[target] = profile.prices if profile else None
        prices = self._known[target]
        if prices is None:
            return None
        output_tokens = output_estimate(facts.input_tokens, facts.max_output_tokens)
        return prices[0] * facts.input_tokens + prices[1] * output_tokens


def _unseen(past: RoutingSnapshot | None, draft: RoutingSnapshot) -> set[str]:
    headers = past.header_names if past else frozenset()
    metadata = past.metadata_keys if past else frozenset()
    names = {f"header:{name}" for name in draft.header_names - headers}
    names |= {f"metadata:{key}" for key in draft.metadata_keys - metadata}
    if past is None or past.affinity != draft.affinity:
        names.add("affinity")
    return names


def _unjudged(decision: Decision, health: HealthView) -> bool:
    """Whether peers were asked about some target, but not about one that would be called."""
    judged = {*health.denied, *(health.passed or ())}
    called = (decision.selected, *decision.fallback)
    return bool(judged) and any(target is not None and target.id not in judged for target in called)


def _count(tally: _Tally, stored: StoredDecision, selected: Target | None, route: str) -> None:
    tally.decisions += 1
    change = stored.route, route
    if stored.route == route:
        return
    tally.changes[change] += 1
    examples = tally.examples.setdefault(change, [])
    if len(examples) < _EXAMPLES:
        examples.append(stored.decision_id)
    tally.newly_unroutable += selected is None and stored.selected is not None
    tally.newly_routable += selected is not None and stored.selected is None


def _report(tally: _Tally) -> BacktestReport:
    ordered = sorted(tally.changes.items(), key=lambda item: (-item[1], item[0]))
    return BacktestReport(
        decisions=tally.decisions,
        follow_ups=tally.follow_ups,
        changes=tuple(
            RouteChange(
                before=change[0], after=change[1], count=count, examples=tuple(tally.examples[change])
            )
            for change, count in ordered
        ),
        newly_unroutable=tally.newly_unroutable,
        newly_routable=tally.newly_routable,
        priced=tally.priced,
        cost_before=Decimal(tally.cost_before).scaleb(_ATTO),
        cost_after=Decimal(tally.cost_after).scaleb(_ATTO),
        unseen=tuple(sorted(tally.unseen)),
    )
