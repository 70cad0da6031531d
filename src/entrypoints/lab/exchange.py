"""One inference request answered: dialect found, behaviour read, answer or failure carried out."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from llm_gateway.entrypoints.lab.behaviour import (
    Behaviour,
    Instead,
    UnknownModel,
    UnknownTerm,
    parse_behaviour,
)
from llm_gateway.entrypoints.lab.connection import Connection, HttpRequest
from llm_gateway.entrypoints.lab.content import LabAnswer, compose
from llm_gateway.entrypoints.lab.endpoint import Endpoint
from llm_gateway.entrypoints.lab.prompt import BadPrompt, Prompt
from llm_gateway.entrypoints.lab.request_log import ConnectionCounts, RequestLog, RequestRecord
from llm_gateway.entrypoints.lab.response import plain_head, stream_head
from llm_gateway.entrypoints.lab.script import Step, plain_body, plain_script, stream_script
from llm_gateway.entrypoints.lab.wire import Call

_FAILED = "The lab was asked to fail here."


class Exchanges:
    """Answers inference requests and keeps the log, the counts and what `flaky` has counted so far."""

    def __init__(self, log: RequestLog, counts: ConnectionCounts, otherwise: str | None) -> None:
        self._log = log
        self._counts = counts
        self._otherwise = otherwise
        self._failed_so_far: Counter[tuple[str, str]] = Counter()

    def forget(self) -> None:
        self._failed_so_far.clear()

    async def answer(self, connection: Connection, request: HttpRequest, at: Endpoint) -> None:
        now = asyncio.get_running_loop().time
        record = self._log.add(
            method=request.method,
            path=request.target.decode("latin-1"),
            headers=request.headers,
            body=request.body,
            now=now(),
        )
        record.dialect = at.wire.name
        connection.on_client_gone = lambda: record.lose_client(now())
        self._counts.began()
        try:
            await _Exchange(connection, request, at, record, self).run()
        finally:
            self._counts.ended()
            connection.on_client_gone = None

    def behaviour(self, model: str, request: HttpRequest) -> Behaviour:
        """Raises UnknownModel, UnknownTerm."""
        return parse_behaviour(
            model,
            fault=request.header(b"x-lab-fault"),
            pace=request.header(b"x-lab-pace"),
            otherwise=self._otherwise,
        )

    def status(self, behaviour: Behaviour, model: str, request: HttpRequest) -> int | None:
        """The error status of this very request: a `flaky` one counts for each model and `x-lab-key`."""
        if behaviour.flaky:
            key = (model, request.header(b"x-lab-key"))
            self._failed_so_far[key] += 1
            return 500 if self._failed_so_far[key] <= behaviour.flaky else behaviour.status
        return behaviour.status


class _Exchange:
    def __init__(
        self,
        connection: Connection,
        request: HttpRequest,
        at: Endpoint,
        record: RequestRecord,
        exchanges: Exchanges,
    ) -> None:
        self._connection = connection
        self._request = request
        self._at = at
        self._wire = at.wire
        self._record = record
        self._exchanges = exchanges
        self._digest = hashlib.sha256(request.target + request.body).hexdigest()
        self._keep_alive = request.keep_alive

    async def run(self) -> None:
        try:
            await self._answer()
        except UnknownModel as exc:
            await self._fail(404, str(exc))
        except (BadPrompt, UnknownTerm) as exc:
            await self._fail(400, str(exc))

    async def _answer(self) -> None:
        document = {} if self._request.hurried else _document(self._request.body)
        model = self._at.model or str(document.get("model", ""))
        self._record.model = model
        behaviour = self._exchanges.behaviour(model, self._request)
        self._record.fault = "+".join(behaviour.terms)
        self._keep_alive &= not behaviour.close
        if behaviour.instead is not None:
            await self._do_instead(behaviour.instead)
            return
        if behaviour.first_byte_delay:
            await asyncio.sleep(behaviour.first_byte_delay)
        status = self._exchanges.status(behaviour, model, self._request)
        if status is not None:
            await self._fail(status, _FAILED, behaviour.retry_after)
            return
        prompt, answer = self._composed(document, behaviour)
        self._record.stream = prompt.stream
        if prompt.stream:
            await self._stream(prompt, answer, behaviour)
        elif behaviour.breaks == "error":
            await self._fail(500, _FAILED)
        else:
            await self._plain(prompt, answer, behaviour)

    def _composed(self, document: dict[str, Any], behaviour: Behaviour) -> tuple[Prompt, LabAnswer]:
        call = Call(self._digest, dict(self._request.headers), self._at.model, self._at.stream)
        try:
            prompt = self._wire.prompt(document, call)
            return prompt, compose(prompt, behaviour)
        except BadPrompt:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            # The readers take the document's shape for granted: one answer for every way of bending it.
            raise BadPrompt(f"Invalid request: {exc!r}") from exc

    async def _plain(self, prompt: Prompt, answer: LabAnswer, behaviour: Behaviour) -> None:
        if behaviour.breaks == "200-with-error":
            body = self._wire.error(500, _FAILED)
        else:
            body = plain_body(self._wire.body(prompt, answer), behaviour)
        self._record.status = 200
        await self._connection.send(self._head(200, len(body)))
        await self._carry_out(plain_script(body, behaviour), behaviour.pace)

    async def _stream(self, prompt: Prompt, answer: LabAnswer, behaviour: Behaviour) -> None:
        events = self._wire.events(prompt, answer)
        error = self._wire.error_event(503, _FAILED)
        self._record.status = 200
        await self._connection.send(stream_head(self._request_id, keep_alive=self._keep_alive))
        steps = stream_script(events, behaviour, self._wire.newline, error)
        await self._carry_out(_chunked(steps), behaviour.pace)

    async def _carry_out(self, steps: Iterator[Step], pace: float) -> None:
        """The record says `finished` before the last bytes leave: who has read them finds it so."""
        step = next(steps, None)
        while step is not None:
            following = next(steps, None)
            if step.do == "stall":
                await self._connection.stall()
                return
            if step.do == "cut":
                self._finish()
                self._connection.close()
                return
            if step.content:
                if pace and self._record.events_sent:
                    await asyncio.sleep(pace)
                self._record.events_sent += 1
            if following is None:
                self._finish()
            await self._connection.send(step.data)
            step = following
        self._part()

    async def _do_instead(self, instead: Instead) -> None:
        match instead:
            case "half-open":
                await self._connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: applica")
                await self._connection.stall()
            case "reset":
                self._finish()
                self._connection.reset()
            case "garbage-headers":
                self._finish()
                await self._connection.send(b"HTTP/1.1 200 OK\r\nno colon here\r\nx\x00y: \xff\r\n\r\n{}")
                self._connection.close()
            case "early-close":
                self._finish()
                self._connection.close()

    async def _fail(self, status: int, message: str, retry_after: int | None = None) -> None:
        body = self._wire.error(status, message, retry_after)
        self._record.status = status
        head = self._head(status, len(body), retry_after)
        self._finish()
        await self._connection.send(head + body)
        self._part()

    def _head(self, status: int, length: int, retry_after: int | None = None) -> bytes:
        extra = [self._request_id]
        if retry_after is not None:
            extra.append((b"retry-after", b"%d" % retry_after))
        return plain_head(status, length, *extra, keep_alive=self._keep_alive)

    @property
    def _request_id(self) -> tuple[bytes, bytes]:
        return self._wire.request_id_header, f"req_{self._digest[:24]}".encode()

    def _finish(self) -> None:
        self._record.finish(asyncio.get_running_loop().time())

    def _part(self) -> None:
        if not self._keep_alive:
            self._connection.close()


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise BadPrompt(f"We could not parse the JSON body of your request: {exc}") from exc
    if not isinstance(document, dict):
        raise BadPrompt("The JSON body of your request must be an object.")
    return document


def _chunked(steps: Iterator[Step]) -> Iterator[Step]:
    """The same steps in chunked transfer coding, with the last chunk when the stream ends by itself."""
    for step in steps:
        if step.do != "send":
            yield step
            return
        yield step._replace(data=b"%x\r\n%s\r\n" % (len(step.data), step.data))
    yield Step("send", b"0\r\n\r\n")
