"""ConsultPolicies: asks the policy peers about a request's candidates, before the router decides.

The router is pure and does not wait, so that what peers say is an input of the decision, recorded with it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.current_snapshot import CurrentSnapshot
from llm_gateway.application.ports.dialect import HubRequest
from llm_gateway.application.ports.routing_constraints import PolicyQuestion
from llm_gateway.application.prompt_text import PromptText
from llm_gateway.application.standing_verdicts import PolicyTerms, Standing, StandingVerdicts
from llm_gateway.domain.memo import Memo
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.policy_verdict import NO_VERDICTS, PolicyVerdicts
from llm_gateway.domain.principal import Principal
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot

_KNOWN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """Verdicts on the candidates of one request. They are about `snapshot`, so the decision is made on it."""

    snapshot: RoutingSnapshot
    verdicts: PolicyVerdicts


class ConsultPolicies:
    """Called for chats and for route requests, dry runs too. There is none where no peer is configured.

    Targets are judged before prompts: a prompt leaves the gateway only when some target is left that it
    could go to.
    """

    def __init__(
        self, standing: Sequence[StandingVerdicts], *, snapshots: CurrentSnapshot, clock: Clock
    ) -> None:
        self._standing = standing
        self._by_target = [each for each in standing if each.peer.looks_at == "target"]
        self._by_prompt = [each for each in standing if each.peer.looks_at == "prompt"]
        self._snapshots = snapshots
        self._clock = clock
        # All verdicts on a shortlist together, for as long as each of them is fresh.
        self._known: Memo[tuple[object, ...], tuple[float, Consulted]] = Memo(_KNOWN)

    async def __call__(
        self,
        facts: RequestFacts,
        *,
        caller: Principal,
        request_id: str,
        trace_id: str | None = None,
        hub: HubRequest | None = None,
    ) -> Consulted:
        """Suspends only for what is not known yet, at most the timeout for each peer.

        Raises InvalidRequest when a prompt that is to be judged cannot be read.
        """
        snapshot = self._snapshots.current()
        short = snapshot.shortlist(snapshot.plan(facts), facts)
        temperature = None if hub is None else hub.temperature
        key = (short, caller.id, caller.scopes, facts.tenant, facts.max_output_tokens, temperature)
        known = self._known.get(key)
        fresh = known is not None and self._clock.monotonic() < known[0]
        if known is not None and fresh and not self._by_prompt:
            return known[1]
        question = PolicyQuestion(
            caller=caller,
            tenant=facts.tenant,
            request_id=request_id,
            trace_id=trace_id,
            max_tokens=facts.max_output_tokens,
            temperature=temperature,
            prompt=None if hub is None else PromptText(hub.document),
        )
        if known is None or not fresh:
            until, verdicts = await self._on_targets(question, short.pool.entries)
            known = self._known.keep(key, (until, Consulted(snapshot=snapshot, verdicts=verdicts)))
        if not self._by_prompt:
            return known[1]
        verdicts = await self._on_prompt(question, short.pool.ids, known[1].verdicts)
        return Consulted(snapshot=snapshot, verdicts=verdicts)

    def endpoints(self) -> dict[str, str]:
        """Where each peer is asked, by its name."""
        return {each.peer.name: each.peer.endpoint or "" for each in self._standing}

    def revise(self, terms: PolicyTerms) -> None:
        """Terms of a new configuration. Verdicts keep the time that they were given; what hangs on targets of
        the old one is let go with it."""
        self._known = Memo(_KNOWN)
        for standing in self._standing:
            standing.terms = terms

    async def aclose(self) -> None:
        await asyncio.gather(*(standing.aclose() for standing in self._standing))

    async def _on_targets(
        self, question: PolicyQuestion, entries: Sequence[PlannedTarget]
    ) -> tuple[float, PolicyVerdicts]:
        """With how long they are fresh. Accounts of one type are one question about a model."""
        alike: dict[PolicyQuestion, list[str]] = {}
        for entry in entries:
            alike.setdefault(_about(entry, question), []).append(entry.id)
        verdicts, until = NO_VERDICTS, math.inf
        for standing in self._by_target:
            asked = [(ids, standing.on(each)) for each, ids in alike.items()]
            judged = [(ids, await _settled(answer)) for ids, answer in asked]
            verdicts = verdicts.and_also((ids, found.verdict) for ids, found in judged if found is not None)
            until = min(until, *(found.fresh_until for _, found in judged if found is not None), math.inf)
        return until, verdicts

    async def _on_prompt(
        self, question: PolicyQuestion, targets: Sequence[str], verdicts: PolicyVerdicts
    ) -> PolicyVerdicts:
        for standing in self._by_prompt:
            left = [target for target in targets if target not in verdicts.denied]
            found = await _settled(standing.on(question)) if left else None
            if found is not None:
                verdicts = verdicts.and_also([(left, found.verdict)])
        return verdicts


def _about(entry: PlannedTarget, question: PolicyQuestion) -> PolicyQuestion:
    """The most that an answer can have: what the client allows, else the model's limit, else its window."""
    profile = entry.profile
    return replace(
        question,
        provider_type=profile.provider.type,
        model=profile.target.model,
        max_tokens=question.max_tokens or profile.max_output_tokens or profile.context_window,
    )


async def _settled(answer: Standing | asyncio.Task[Standing] | None) -> Standing | None:
    # One that leaves must not take the answer away from others who wait for it.
    return await asyncio.shield(answer) if isinstance(answer, asyncio.Task) else answer
