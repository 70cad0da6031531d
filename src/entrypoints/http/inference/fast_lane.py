"""FastLane: the inference endpoints as raw ASGI, each request decoded once and nothing else in its way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from llm_gateway.application.admission import Admission
from llm_gateway.application.authenticate import Authenticate
from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.chat_failed import ChatFailed
from llm_gateway.application.complete_chat import CompleteChat
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.answer_channel import AnswerChannel
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.identifiers import Identifiers
from llm_gateway.application.read_deadlines import ReadDeadlines
from llm_gateway.application.start_trace import StartTrace
from llm_gateway.application.stream_errors import error_event
from llm_gateway.domain.deadline import DEADLINE_HEADERS
from llm_gateway.domain.errors import GatewayError, InvalidRequest, Overloaded, RequestTooLarge
from llm_gateway.entrypoints.http.error_body import error_body, retry_after_header
from llm_gateway.entrypoints.http.errors import status_of
from llm_gateway.entrypoints.http.inference.asgi_channel import AsgiChannel
from llm_gateway.entrypoints.http.inference.bound_content import bound_to
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request
from llm_gateway.entrypoints.http.inference.facts import facts_of
from llm_gateway.entrypoints.http.inference.protocol_channel import ProtocolChannel
from llm_gateway.entrypoints.http.inference.request_body import (
    ClientGone,
    Receive,
    Scope,
    Send,
    read_body,
)
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders
from llm_gateway.entrypoints.http.inference.span_channel import ClientChannel, SpanChannel
from llm_gateway.entrypoints.http.protocol import EXTENSION
from llm_gateway.entrypoints.http.span_envelope import EXECUTION_HEADER, PARENT_HEADER, SpanEnvelope

CHAT_PATH = "/v1/chat/completions"
_JSON = (b"content-type", b"application/json")
_log = logging.getLogger("llm_gateway.inference")


class FastLane:
    def __init__(
        self,
        *,
        live: LiveConfiguration,
        complete_chat: CompleteChat,
        authenticate: Authenticate,
        admission: Admission,
        lifecycle: Lifecycle,
        clock: Clock,
        identifiers: Identifiers,
        start_trace: StartTrace | None = None,
    ) -> None:
        self._live = live
        self._deadlines = ReadDeadlines(live)
        self._complete_chat = complete_chat
        self._authenticate = authenticate
        self._admission = admission
        self._lifecycle = lifecycle
        self._clock = clock
        self._identifiers = identifiers
        self._start_trace = start_trace

    async def chat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`POST /v1/chat/completions`. Everything that can go wrong is answered here."""
        arrived = self._clock.monotonic()
        channel = open_channel(scope, receive, send)
        try:
            headers = RequestHeaders(scope["headers"])
        except GatewayError as error:
            return await self._refuse(channel, error, [(b"x-request-id", self._identifiers.uuid7().encode())])
        request_id = headers.request_id() or self._identifiers.uuid7()
        try:
            parent = headers.get(PARENT_HEADER)
            if parent is not None:
                channel = self._spanned(channel, parent, headers.get(EXECUTION_HEADER))
            if scope["method"] != "POST":
                return await self._wrong_method(channel, request_id)
            if self._lifecycle.phase == "draining":
                raise Overloaded("the gateway is shutting down", code="server_draining", retry_after=1.0)
            call = await self._read(receive, headers, request_id, arrived)
            if call.hub.stream and type(channel) is SpanChannel:
                channel = channel.inner
            channel.watch(asyncio.current_task())  # type: ignore[arg-type]
            try:
                await self._admission.enter()
                try:
                    await self._complete_chat(call, channel)
                finally:
                    self._admission.leave()
            finally:
                channel.unwatch()
        except ClientGone:
            return None
        except asyncio.CancelledError:
            if not channel.gone:
                await self._drained(channel, request_id)
        except ChatFailed as failed:
            status = status_of(failed.error)
            failed.settle(status)
            more = {"attempts": failed.attempts} if failed.attempts else {}
            await self._refuse(channel, failed.error, failed.headers, **more)
        except GatewayError as error:
            await self._refuse(channel, error, [(b"x-request-id", request_id.encode())])
        except Exception:
            _log.exception("bug in the inference plane", extra={"request_id": request_id})
            if channel.begun:
                await channel.end("cut")
            else:
                bug = GatewayError("the gateway failed; its log has the reason under this request id")
                await self._refuse(channel, bug, [(b"x-request-id", request_id.encode())])

    async def _read(
        self, receive: Receive, headers: RequestHeaders, request_id: str, arrived: float
    ) -> ChatCall:
        if (origin := headers.get(b"origin")) is not None:
            self._authenticate.page(origin)
        principal = self._authenticate(headers.get(b"authorization"), headers.get(b"x-api-key"), "inference")
        current = self._live.configuration
        snapshot = self._live.current()
        body = await read_body(receive, headers.content_length(), current.server.max_body)
        request = decode_chat_request(body)
        affinity = current.routing.affinity
        facts = facts_of(
            request,
            tenant=self._authenticate.tenant(principal, headers.get(b"x-tenant-id")),
            headers=headers.text(snapshot.header_names),
            header_names=snapshot.rule_header_names,
            metadata_keys=snapshot.rule_metadata_keys,
            affinity=affinity,
        )
        if bound := bound_to(request, snapshot.providers.values()):
            facts = replace(facts, bound_to=bound)
        deadline = self._deadlines(headers.text(DEADLINE_HEADERS))
        start = self._start_trace
        trace = None if start is None else start(headers.get(b"traceparent"), headers.get(b"tracestate"))
        return ChatCall(
            hub=request,
            facts=facts,
            request_id=request_id,
            arrived=arrived,
            deadline=arrived + deadline.total,
            # A stream's client hears comments while it waits; a plain answer's hears nothing and hangs up.
            first_byte=None if request.stream else deadline.first_byte,
            client_retries=headers.client_retries(),
            idempotent=headers.idempotent(),
            trace_id=headers.trace_id() if trace is None else trace.trace_id,
            trace=trace,
            caller=principal,
        )

    def _spanned(self, channel: ClientChannel, parent: bytes, execution: bytes | None) -> ClientChannel:
        """The same channel unless `parent` is a valid span id."""
        span = SpanEnvelope.asked_for(parent, execution, self._clock, self._identifiers)
        return channel if span is None else SpanChannel(channel, span)

    async def _refuse(
        self, channel: AnswerChannel, error: GatewayError, headers: list[tuple[bytes, bytes]], **more: object
    ) -> None:
        extra = retry_after_header(error)
        if isinstance(error, RequestTooLarge) or self._lifecycle.phase == "draining":
            # The rest of the body is not read, or this process will not read another request.
            extra.append((b"connection", b"close"))
        if status_of(error) == 401:
            extra.append((b"www-authenticate", b"Bearer"))
        await channel.answer(status_of(error), [_JSON, *headers, *extra], error_body(error, **more))

    async def _drained(self, channel: AnswerChannel, request_id: str) -> None:
        """The server's drain time is over and this request was not: say so, whatever state it is in."""
        error = Overloaded("the gateway is shutting down", code="server_draining", retry_after=1.0)
        if channel.begun:
            await channel.end("cut", error_event(error))
        else:
            await self._refuse(channel, error, [(b"x-request-id", request_id.encode())])

    async def _wrong_method(self, channel: AnswerChannel, request_id: str) -> None:
        error = InvalidRequest(f"{CHAT_PATH} takes POST", code="method_not_allowed")
        headers = [_JSON, (b"x-request-id", request_id.encode()), (b"allow", b"POST")]
        await channel.answer(405, headers, error_body(error))


def open_channel(scope: Scope, receive: Receive, send: Send) -> ClientChannel:
    protocol = scope.get("extensions", {}).get(EXTENSION)
    cycle = getattr(send, "__self__", None)  # uvicorn passes the cycle's own bound method
    if protocol is not None and isinstance(cycle, RequestResponseCycle):
        return ProtocolChannel(protocol, cycle)
    return AsgiChannel(receive, send)
