"""PlanRoute: decides where a request would go, and leaves it at that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.dialect import HubRequest
from llm_gateway.application.ports.health_source import HealthSource
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.ports.route_observer import RouteObserver
from llm_gateway.application.route_inference import Routed, RouteInference
from llm_gateway.application.routing_errors import rejection_error
from llm_gateway.application.secret import MASK
from llm_gateway.domain.errors import GatewayError
from llm_gateway.domain.principal import ANONYMOUS, Principal
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.strategies.least_cost import estimated_cost
from llm_gateway.domain.token_cost import dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRoute:
    """`latency_us` is how long deciding took. `estimated_latency_ms` (time to the first token, as measured)
    and `estimated_cost` (US dollars, by the model's prices and the size of the request) are None when
    unknown."""

    routed: Routed
    latency_us: int
    dry_run: bool
    estimated_latency_ms: float | None
    estimated_cost: float | None

    @property
    def error(self) -> GatewayError | None:
        """Why nothing was selected, None when something was."""
        rejection = self.routed.decision.rejection
        return None if rejection is None else rejection_error(rejection)

    def output(self) -> dict[str, Any]:
        """The `output` of `POST /agents/route`. Values of added headers may be credentials: masked."""
        decision = self.routed.decision
        selected = decision.selected
        return {
            "provider_id": selected.provider_id if selected else None,
            "model": selected.model if selected else None,
            "headers": {name: MASK for name, _ in decision.add_headers},
            "decision": {
                "matched_rules": list(decision.matched_rules),
                "strategy": decision.strategy,
                "confidence": decision.confidence.overall,
                "latency_us": self.latency_us,
            },
            "model_transformed": decision.model_transformed,
            "routing_path": [
                {"phase": step.phase, "action": step.action, "details": step.details}
                for step in decision.steps
            ],
            "fallback_providers": [target.provider_id for target in decision.fallback],
            "estimated_latency_ms": self.estimated_latency_ms,
            "estimated_cost": self.estimated_cost,
        }

    def document(self) -> dict[str, Any]:
        """The whole answer."""
        return {
            "output": self.output(),
            "decision_id": self.routed.decision_id,
            "confidence": self.routed.decision.confidence.overall,
            "dry_run": self.dry_run,
        }

    def event(self) -> dict[str, Any] | None:
        """The DecisionEvent, None for a dry run, which has none."""
        record = self.routed.record
        return None if record is None else record.event.document()


class PlanRoute:
    """Called by `POST /agents/route` and, in process, by `llm-gateway agent route --local`."""

    def __init__(
        self,
        *,
        route: RouteInference,
        health: HealthSource,
        log: DecisionLog,
        clock: Clock,
        observer: RequestObserver | None = None,
        route_observer: RouteObserver | None = None,
        consult: ConsultPolicies | None = None,
    ) -> None:
        self._route = route
        self._health = health
        self._log = log
        self._clock = clock
        self._observer = observer
        self._route_observer = route_observer
        self._consult = consult

    async def __call__(
        self,
        facts: RequestFacts,
        *,
        request_id: str,
        trace_id: str | None = None,
        dry_run: bool = False,
        caller: Principal = ANONYMOUS,
        hub: HubRequest | None = None,
    ) -> PlannedRoute:
        """A rejection is a result too. Unless it is a dry run, its one event is on disk when this returns.

        `hub` is the chat request that the question is about, None where there is only a model's name. Raises
        InvalidRequest for facts that are not valid Unicode.
        """
        consulted = None
        if self._consult is not None:
            consulted = await self._consult(
                facts, caller=caller, request_id=request_id, trace_id=trace_id, hub=hub
            )
        started = self._clock.monotonic()
        routed = self._route(
            facts, request_id=request_id, trace_id=trace_id, dry_run=dry_run, consulted=consulted
        )
        seconds = self._clock.monotonic() - started
        if not dry_run:
            self._log.flush()
            self._tell(routed, seconds)
        selected = routed.decision.selected
        health = self._health.view(routed.snapshot)
        return PlannedRoute(
            routed=routed,
            latency_us=round(seconds * 1_000_000),
            dry_run=dry_run,
            estimated_latency_ms=None if selected is None else health.of(selected.id).latency_ms,
            estimated_cost=_cost(routed, facts),
        )

    def _tell(self, routed: Routed, seconds: float) -> None:
        if self._observer is not None:
            self._observer.decided(routed.decision, seconds)
        if self._route_observer is not None:
            selected = routed.decision.selected is not None
            self._route_observer.route_planned(seconds, selected=selected, at=self._clock.now())


def _cost(routed: Routed, facts: RequestFacts) -> float | None:
    """A request without messages and without a limit has no size, so that it has no known cost either."""
    selected = routed.decision.selected
    if selected is None or not (facts.input_tokens or facts.max_output_tokens):
        return None
    for entry in routed.snapshot.plan(facts).entries:
        if entry.id == selected.id:
            cost = estimated_cost(entry, facts)
            return None if cost is None else dollars(cost)
    return None
