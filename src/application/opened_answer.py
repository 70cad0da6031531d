"""One attempt until its answer is certain: a whole answer, or a stream with its first content in hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llm_gateway.application.ports.dialect import Answer, AnswerContext, StreamReader
from llm_gateway.application.ports.upstream_provider import ProviderCall, UpstreamProvider
from llm_gateway.application.ports.upstream_transport import UpstreamResponse, UpstreamTransport
from llm_gateway.application.whole_answer_stream import WholeAnswerStream
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused

LARGEST_ANSWER = 256 * 1024 * 1024
LARGEST_ERROR = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    answer: Answer
    connect_ms: float


@dataclass(frozen=True, slots=True)
class OpenedStream:
    """`head` holds the events up to the commit point; nothing of them has gone to the client yet.

    `response` carries what follows them; `ended` says that nothing does. What fails the reader is to be told
    `without_secrets`.
    """

    reader: StreamReader
    head: bytes
    ended: bool
    response: UpstreamResponse
    connect_ms: float
    without_secrets: Callable[[UpstreamError], UpstreamError]


async def open_answer(
    transport: UpstreamTransport,
    provider: UpstreamProvider,
    call: ProviderCall,
    context: AnswerContext,
) -> WholeAnswer | OpenedStream:
    """Send and wait until the answer is certain. Raises UpstreamError, or InvalidRequest from encoding.

    Whatever is raised (cancellation included), the connection has been given back or closed.
    """
    response = await transport.send(provider.request(call))
    try:
        if response.status != 200:
            await _refused(provider, response)
        if call.hub.stream:
            try:
                return await _open_stream(provider, response, context)
            except UpstreamError as error:
                error.before_content = True
                raise
        body = await response.read(LARGEST_ANSWER)
        answer = provider.answer(body, context)
    except BaseException:
        await response.aclose()
        raise
    await response.aclose()
    return WholeAnswer(answer, response.connect_ms)


async def _refused(provider: UpstreamProvider, response: UpstreamResponse) -> None:
    status = response.status
    if 200 < status < 300:
        return  # 201 and relatives still carry an answer
    body = await response.read(LARGEST_ERROR)
    if status < 400:
        raise UpstreamRefused(
            f"the upstream answered {status}; redirects are not followed",
            status=status,
            code="upstream_redirect",
        )
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    raise provider.failure(status, headers, body)


async def _open_stream(
    provider: UpstreamProvider, response: UpstreamResponse, context: AnswerContext
) -> OpenedStream:
    kind = response.header(b"content-type") or b""
    if kind.startswith(b"application/json"):
        # A provider that cannot stream, or an error object of one that forgot its status, which this raises.
        answer = provider.answer(await response.read(LARGEST_ANSWER), context)
        whole = WholeAnswerStream(answer, include_usage=context.include_usage)
        return OpenedStream(
            whole, whole.close(), True, response, response.connect_ms, provider.without_secrets
        )
    reader = provider.stream(context)
    head: list[bytes] = []

    def take(data: bytes) -> bool:
        head.append(reader.feed(data))
        return not (reader.committed or reader.finished or reader.failure is not None)

    ended = await response.carry(take)
    if ended:
        head.append(reader.close())
    if reader.failure is not None and not reader.committed:
        raise provider.without_secrets(reader.failure)
    return OpenedStream(
        reader, b"".join(head), ended, response, response.connect_ms, provider.without_secrets
    )
