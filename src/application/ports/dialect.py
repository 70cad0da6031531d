"""Port Dialect: a wire format, translated from and to the hub (OpenAI chat-completions JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from llm_gateway.domain.errors import UpstreamError
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.value import value


class HubRequest(Protocol):
    """A validated chat-completions request.

    `body` is what the client sent, byte for byte; `document()` decodes it on first use (a dialect that
    passes bytes through never pays for that) and must not be changed by who reads it. It raises
    InvalidRequest for what only a whole reading finds.
    """

    body: bytes
    model: str
    stream: bool
    include_usage: bool

    @property
    def temperature(self) -> float | None: ...

    def document(self) -> dict[str, Any]: ...


@value
class WireTarget:
    """What a dialect must know of where the request goes.

    `model` is the name that the provider understands; `max_output_tokens` its limit where known (a dialect
    whose wire demands one falls back to its own documented default); `options` the provider type's
    declared deviations, by name; `drop_parameters` hub parameters to leave out.
    """

    model: str
    max_output_tokens: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    drop_parameters: frozenset[str] = frozenset()


@value
class WireRequest:
    """`path` is appended to the provider's base URL and never holds a credential."""

    path: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


@value
class AnswerContext:
    """What decoding may not find on the wire: time and ids come in as values.

    `id` (`chatcmpl-…`) and `created` (Unix seconds) are used where the upstream gives none; `model` is
    reported when the upstream does not name one; `include_usage` says that the client asked for a usage
    chunk at the end of the stream; `request` is the hub request as a document, for what an answer needs of
    it (tool names, whether structured output was emulated).
    """

    id: str
    created: int
    model: str
    include_usage: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    request: HubRequest | None = None


@value
class Answer:
    """`body` is a hub answer (OpenAI chat completion JSON) ready for the client. `model` is what the upstream
    says has answered, None when it does not."""

    body: bytes
    usage: Usage | None
    finish_reason: str | None
    model: str | None = None


class StreamReader(Protocol):
    """Sans-I/O reader of one upstream stream: wire bytes in, hub SSE bytes out.

    * `feed` and `close` return complete SSE events for the client (`data: {…}\\n\\n`), or `b""`.
    * `committed` turns True with the first content-bearing event (text, tool call, refusal, reasoning,
      audio) or the terminal one: until then the caller sends nothing and may still try another target.
    * `finished` turns True with the wire's real terminal event; only then does `data: [DONE]\\n\\n` come out,
      from the same call or from `close()`.
    * `failure` is set, never raised, when the upstream sent an error event, malformed bytes, or, in
      `close()`, ended before its terminal event. After that nothing more comes out; events that were
      complete before the failure did come out. Whether to retry or to end the client's stream with an error
      event is the caller's decision.
    * Bytes may be split anywhere. An incomplete event is kept, at most `MAX_EVENT_BYTES` of it.
    """

    committed: bool
    finished: bool
    failure: UpstreamError | None
    usage: Usage | None
    finish_reason: str | None

    @property
    def model(self) -> str | None:
        """What the upstream says is answering; None until it has said so."""
        ...

    def feed(self, data: bytes) -> bytes: ...

    def close(self) -> bytes:
        """The upstream's bytes have ended (whether cleanly or not)."""
        ...


MAX_EVENT_BYTES = 16 * 1024 * 1024


class Dialect(Protocol):
    """Called by the attempt loop. Pure: no I/O, no clock. Raises InvalidRequest (with `param`) from `encode`
    when the request cannot be said in this wire format, and UpstreamMalformed from `answer`."""

    name: str

    def encode(self, request: HubRequest, target: WireTarget) -> WireRequest: ...

    def answer(self, body: bytes, context: AnswerContext) -> Answer: ...

    def stream(self, context: AnswerContext) -> StreamReader: ...

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        """The error that a status of 400 or more means: UpstreamRejected or UpstreamRefused.

        Status before text; `retry_after` from the headers (seconds or HTTP date is parsed by the caller's
        `provider_kit.retry_after`). Header names are lower-case. Never a key, URL query or stack trace.
        """
        ...
