"""CompleteChat: the main job. Decide, call, fall back, answer; one attempt loop for plain and streamed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from llm_gateway.application.chat_attempt import ChatAttempt
from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.chat_decisions import ChatDecisions
from llm_gateway.application.chat_failed import ChatFailed
from llm_gateway.application.chat_ledger import ChatLedger
from llm_gateway.application.chat_retries import ChatRetries
from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.opened_answer import OpenedStream, WholeAnswer, open_answer
from llm_gateway.application.ports.answer_channel import AnswerChannel
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.dialect import AnswerContext, StreamReader
from llm_gateway.application.ports.execution_policy import ExecutionPolicy
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.application.ports.upstream_provider import ProviderCall, ProviderDirectory, UpstreamProvider
from llm_gateway.application.ports.upstream_transport import UpstreamTransport
from llm_gateway.application.provider_slots import ProviderSlots
from llm_gateway.application.route_inference import Routed, RouteInference
from llm_gateway.application.stream_errors import error_event
from llm_gateway.application.stream_keepalive import INTERVAL_S, StreamKeepalive
from llm_gateway.application.stream_relay import relay
from llm_gateway.domain.errors import (
    DeadlineExceeded,
    GatewayError,
    Outcome,
    UpstreamError,
    UpstreamNotReached,
)
from llm_gateway.domain.retry_budget import RetryBudget
from llm_gateway.domain.retry_policy import NextTarget, Retry
from llm_gateway.domain.target import Target

_JSON = (b"content-type", b"application/json")
_CANCELLED = "client_closed"


class CompleteChat:
    """Called once per request, in a task of its own; cancelling it cancels the upstream call.

    Raises ChatFailed when nothing has been sent yet; after that, errors are said inside the stream.
    """

    def __init__(
        self,
        *,
        route: RouteInference,
        log: DecisionLog,
        providers: ProviderDirectory,
        transport: UpstreamTransport,
        health: HealthBook,
        observer: RequestObserver,
        policy: ExecutionPolicy,
        budget: RetryBudget,
        slots: ProviderSlots,
        clock: Clock,
        randomness: Callable[[], float],
        keepalive: float = INTERVAL_S,
        consult: ConsultPolicies | None = None,
    ) -> None:
        self._log = log
        self._providers = providers
        self._transport = transport
        self._health = health
        self._observer = observer
        self._budget = budget
        self._clock = clock
        self._keepalive = keepalive
        self._retries = ChatRetries(
            policy=policy, budget=budget, health=health, clock=clock, randomness=randomness
        )
        self._decisions = ChatDecisions(
            route=route,
            consult=consult,
            retries=self._retries,
            policy=policy,
            slots=slots,
            observer=observer,
            clock=clock,
        )

    async def __call__(self, call: ChatCall, channel: AnswerChannel) -> None:
        ledger = ChatLedger(call, self._clock, self._observer, self._clock.now())
        self._budget.request(call.arrived)
        keepalive: StreamKeepalive | None = None
        try:
            routed = await self._decisions.first(call, ledger)
            if call.hub.stream:
                keepalive = StreamKeepalive(channel, ledger.headers(None), self._keepalive)
            await self._attempts(call, channel, ledger, routed, keepalive)
        except GatewayError as error:
            if keepalive is not None:
                await keepalive.stop()
            await self._fail(error, channel, ledger)
        except asyncio.CancelledError:
            self._cancelled(channel, ledger)
            raise
        finally:
            if keepalive is not None:
                keepalive.cancel()

    async def _attempts(
        self,
        call: ChatCall,
        channel: AnswerChannel,
        ledger: ChatLedger,
        routed: Routed,
        keepalive: StreamKeepalive | None,
    ) -> None:
        tried: list[tuple[Target, str]] = []
        while True:
            target = routed.decision.selected
            assert target is not None  # a rejection has been raised before
            try:
                return await self._attempt(call, channel, ledger, routed, target, keepalive)
            except UpstreamError as error:
                step = self._retries.next_step(call, ledger, routed, target, error)
                if isinstance(step, Retry):
                    await self._retries.wait(step.delay, call, ledger)
                    continue
                if not isinstance(step, NextTarget):
                    raise self._retries.told(call, error) from error
                tried.append((target, _reason(error)))
                next_routed = self._decisions.after(call, ledger, routed, tuple(tried))
                successor = next_routed.decision.selected
                if successor is None:
                    raise self._retries.told(call, error) from error
                self._observer.fell_back(target, successor, error.outcome)
                routed = next_routed

    async def _attempt(
        self,
        call: ChatCall,
        channel: AnswerChannel,
        ledger: ChatLedger,
        routed: Routed,
        target: Target,
        keepalive: StreamKeepalive | None,
    ) -> None:
        """One attempt. Raises UpstreamError as long as nothing has reached the client."""
        permit = self._health.begin(target, attempt="further" if ledger.attempts else "first")
        if permit is None:
            raise self._not_permitted(ledger, target)
        attempt = ChatAttempt(ledger, target, permit)
        try:
            opened = await self._open(call, ledger, routed, target)
            attempt.answered(opened.connect_ms)
            if isinstance(opened, WholeAnswer):
                await self._answer(opened, channel, ledger, attempt)
            else:
                await self._stream(opened, channel, ledger, attempt, keepalive)
        except GatewayError as error:
            attempt.failed(error)
            raise
        finally:
            attempt.cancelled()  # does nothing unless this is a cancellation or a bug

    async def _open(
        self, call: ChatCall, ledger: ChatLedger, routed: Routed, target: Target
    ) -> WholeAnswer | OpenedStream:
        remaining = self._retries.remaining(call)
        if remaining is not None and remaining <= 0:
            raise DeadlineExceeded("the request's deadline has passed")
        headers = routed.decision.add_headers
        if call.trace is not None:
            headers = (*headers, *call.trace.headers(len(ledger.attempts) + 1))
        return await open_answer(
            self._transport,
            self._provider(target),
            ProviderCall(
                model=target.model,
                hub=call.hub,
                add_headers=headers,
                drop_parameters=routed.decision.dropped_parameters,
                total_timeout=remaining,
                first_byte_timeout=call.first_byte,
            ),
            AnswerContext(
                id=f"chatcmpl-{routed.decision_id}",
                created=int(self._clock.now()),
                model=target.model,
                include_usage=call.hub.include_usage,
                request=call.hub,
            ),
        )

    async def _answer(
        self, opened: WholeAnswer, channel: AnswerChannel, ledger: ChatLedger, attempt: ChatAttempt
    ) -> None:
        attempt.completed()
        self._log.flush()
        await channel.answer(200, [_JSON, *ledger.headers(attempt.target)], opened.answer.body)
        ledger.settle("200", attempt.target, told=opened.answer)

    async def _stream(
        self,
        opened: OpenedStream,
        channel: AnswerChannel,
        ledger: ChatLedger,
        attempt: ChatAttempt,
        keepalive: StreamKeepalive | None,
    ) -> None:
        reader = opened.reader
        attempt.streaming()
        try:
            if keepalive is not None:
                await keepalive.stop()
            self._log.flush()
            if not channel.begun:
                await channel.begin(ledger.headers(attempt.target, streaming=attempt.target))
            failure = await relay(opened, channel)
        except asyncio.CancelledError:
            attempt.cancelled()  # first, so that what is told of the request has it
            self._cancelled(channel, ledger, reader)
            raise
        finally:
            await opened.response.aclose()
        if failure is None:
            attempt.completed()
        else:
            attempt.cut(failure)
        ledger.settle(
            "200" if failure is None else "truncated",
            attempt.target,
            told=reader,
            error_code=None if failure is None else failure.code,
        )

    def _cancelled(
        self, channel: AnswerChannel, ledger: ChatLedger, reader: StreamReader | None = None
    ) -> None:
        """The client left, or the server's drain is over: what is known of the usage so far is kept."""
        status, code = (_CANCELLED, _CANCELLED) if channel.gone else ("truncated", "server_draining")
        ledger.settle(status, ledger.last_target(), told=reader, error_code=code)

    async def _fail(self, error: GatewayError, channel: AnswerChannel, ledger: ChatLedger) -> None:
        self._log.flush()
        if not channel.begun:
            raise ChatFailed(error, ledger)
        # Only comments have been sent so far: the status is gone, the error can still be said.
        await channel.end("cut", error_event(error, code=error.code))
        ledger.settle("truncated", ledger.last_target(), error_code=error.code)

    def _provider(self, target: Target) -> UpstreamProvider:
        try:
            return self._providers.provider(target.provider_id)
        except KeyError:
            raise UpstreamNotReached(
                f"provider {target.provider_id} is no longer configured", provider=target.provider_id
            ) from None

    def _not_permitted(self, ledger: ChatLedger, target: Target) -> UpstreamNotReached:
        """The breaker opened, or the last slot was taken, between the decision and now."""
        health = self._health.view().of(target.id)
        error = UpstreamNotReached(
            f"{target.id} may not be called now: {health.reason}",
            provider=target.provider_id,
            code=health.reason or "breaker_open",
            retry_after=health.retry_after,
        )
        ledger.refused(target, error)
        return error


def _reason(error: UpstreamError) -> str:
    outcome: Outcome = error.outcome
    return f"{outcome}:{error.status}" if error.status is not None else f"{outcome}:{error.code}"
