"""ChatDecisions: what a chat request decides: first, when waiting may help, then after each failed target."""

from __future__ import annotations

from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.application.chat_retries import ChatRetries
from llm_gateway.application.consult_policies import Consulted, ConsultPolicies
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.execution_policy import ExecutionPolicy
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.provider_slots import ProviderSlots
from llm_gateway.application.route_inference import Routed, RouteInference
from llm_gateway.application.routing_errors import rejection_error
from llm_gateway.domain.target import Target


class ChatDecisions:
    """`consult` None: there is no policy peer to be asked."""

    def __init__(
        self,
        *,
        route: RouteInference,
        consult: ConsultPolicies | None,
        retries: ChatRetries,
        policy: ExecutionPolicy,
        slots: ProviderSlots,
        observer: RequestObserver,
        clock: Clock,
    ) -> None:
        self._route = route
        self._consult = consult
        self._retries = retries
        self._policy = policy
        self._slots = slots
        self._observer = observer
        self._clock = clock

    async def first(self, call: ChatCall, ledger: ChatLedger) -> Routed:
        """Decide; when everything is full, or cools down and returns in time, wait and decide again.

        Raises the rejection's error when nothing can be selected.
        """
        patience = self._policy.patience()
        previous: Routed | None = None
        consulted = None if self._consult is None else await self._ask(self._consult, call, ledger)
        while True:
            routed = self._decide(call, ledger, previous, consulted=consulted)
            rejection = routed.decision.rejection
            if rejection is None:
                return routed
            wait = rejection.retry_after
            remaining = self._retries.remaining(call)
            limit = patience if remaining is None else min(patience, remaining)
            began = ledger.elapsed_ms()
            if rejection.code == "gateway_overloaded":
                if not await self._slots.wait(limit):
                    raise rejection_error(rejection)
                ledger.waited_ms += ledger.elapsed_ms() - began
            elif rejection.code == "rate_limit_exceeded" and wait is not None and wait <= limit:
                await self._retries.wait(wait, call, ledger)
            else:
                raise rejection_error(rejection)
            waited = ledger.elapsed_ms() - began
            ledger.timing.queue += waited
            patience -= max(waited / 1000, 0.01)
            previous = routed

    def after(
        self, call: ChatCall, ledger: ChatLedger, previous: Routed, tried: tuple[tuple[Target, str], ...]
    ) -> Routed:
        """Decide again with what was learned: `tried` are all targets left so far, each with the reason."""
        return self._decide(call, ledger, previous, tried)

    def _decide(
        self,
        call: ChatCall,
        ledger: ChatLedger,
        previous: Routed | None,
        after: tuple[tuple[Target, str], ...] = (),
        consulted: Consulted | None = None,
    ) -> Routed:
        started = self._clock.monotonic()
        routed = self._route(
            call.facts,
            request_id=call.request_id,
            trace_id=call.trace_id,
            previous=previous,
            after=after,
            consulted=consulted,
        )
        seconds = self._clock.monotonic() - started
        ledger.routed = routed
        ledger.timing.decide += seconds * 1000
        self._observer.decided(routed.decision, seconds)
        return routed

    async def _ask(self, consult: ConsultPolicies, call: ChatCall, ledger: ChatLedger) -> Consulted:
        """What policy peers say; the time that they take is a wait, not the gateway's own."""
        began = ledger.elapsed_ms()
        consulted = await consult(
            call.facts, caller=call.caller, request_id=call.request_id, trace_id=call.trace_id, hub=call.hub
        )
        waited = ledger.elapsed_ms() - began
        ledger.waited_ms += waited
        ledger.timing.queue += waited
        return consulted
