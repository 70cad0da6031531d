"""The `weighted` strategy: shares by weight, and the same affinity key to the same target."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts


def weighted(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    key = affinity_of(facts) if facts.affinity_key is None else facts.affinity_key
    entries = pool.entries
    if len(entries) == 1:
        return entries
    return [entries[position] for position in pool.rendezvous.rank(key, count)]


def affinity_of(facts: RequestFacts) -> str:
    """The stand-in for a missing affinity key: the facts themselves, so that equal requests stay together.

    Sets are sorted: their own order differs between processes.
    """
    return repr(
        (
            facts.model,
            facts.tenant,
            sorted(map(str, facts.capabilities)),
            sorted(facts.parameters),
            facts.input_tokens,
            facts.max_output_tokens,
            facts.headers,
            facts.metadata,
        )
    )
