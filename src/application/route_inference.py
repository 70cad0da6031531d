"""RouteInference: one routing decision and its one audit event."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.consult_policies import Consulted
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.current_snapshot import CurrentSnapshot
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.health_source import HealthSource
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.errors import InvalidRequest, Overloaded
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.replay import replay_text
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target
from llm_gateway.domain.value import value

_FULL = "the audit log is full: decisions that cannot be recorded are not made (audit.when_full: reject)"


@value
class Routed:
    """A decision with its id and the snapshot it was made on. `record` is None for a dry run."""

    decision_id: str
    decision: Decision
    snapshot: RoutingSnapshot
    record: DecisionRecord | None
    consulted: Consulted | None = None


class RouteInference:
    """Called by the chat use case, by `/agents/route` and by the CLI. It executes and awaits nothing."""

    def __init__(
        self,
        *,
        snapshots: CurrentSnapshot,
        health: HealthSource,
        log: DecisionLog,
        clock: Clock,
        identifiers: Identifiers,
        identity: ServiceIdentity,
    ) -> None:
        self._snapshots = snapshots
        self._health = health
        self._log = log
        self._clock = clock
        self._identifiers = identifiers
        self._identity = identity
        self._router = Router()

    def __call__(
        self,
        facts: RequestFacts,
        *,
        request_id: str,
        trace_id: str | None = None,
        dry_run: bool = False,
        previous: Routed | None = None,
        after: Sequence[tuple[Target, str]] = (),
        consulted: Consulted | None = None,
    ) -> Routed:
        """Decide, and append exactly one record to the log; none in a dry run. A rejection is returned.

        `previous` is the same request's earlier decision: its snapshot and what policies said are used again,
        and the event points at it. `consulted` is what they say now, None where there are none. `after` are
        the targets tried since, each with why it was left. Raises InvalidRequest for facts that are not valid
        Unicode, and Overloaded for a new request whose record could not be kept.
        """
        if previous is None and not dry_run and self._log.full:
            raise Overloaded(_FULL, code="audit_spool_full", retry_after=1.0)
        text = facts_text(facts)
        inputs = _hashed(text)
        if previous is not None:
            snapshot, consulted = previous.snapshot, previous.consulted
        else:
            snapshot = self._snapshots.current() if consulted is None else consulted.snapshot
        health = self._health.view(snapshot)
        if consulted is not None:
            health = health.judged(consulted.verdicts)
        decision = self._router.decide(facts, snapshot, health, after=after)
        decision_id = self._identifiers.uuid7()
        record: DecisionRecord | None = None
        if not dry_run:
            identity = self._identity
            record = DecisionRecord(
                decision=decision,
                decision_id=decision_id,
                event_id=self._identifiers.uuid7(),
                inputs_hash=inputs,
                replay=replay_text(text, decision, health, after),
                time=self._clock.now(),
                agent_version=identity.agent_version,
                request_id=request_id,
                snapshot_hash=snapshot.hash,
                trace_id=trace_id,
                previous=previous.decision_id if previous else None,
                phase=identity.phase,
                layer=identity.layer,
            )
            self._log.append(record)
        return Routed(
            decision_id=decision_id,
            decision=decision,
            snapshot=snapshot,
            record=record,
            consulted=consulted,
        )


def _hashed(facts: str) -> str:
    try:
        return inputs_hash(facts)
    except UnicodeEncodeError as exc:
        raise InvalidRequest("the request holds a lone surrogate, which is not valid Unicode") from exc
