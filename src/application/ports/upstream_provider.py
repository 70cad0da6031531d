"""Port UpstreamProvider: one configured account, ready to be called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from llm_gateway.application.ports.dialect import Answer, AnswerContext, HubRequest, StreamReader
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import UpstreamError
from llm_gateway.domain.value import value


@value
class ProviderCall:
    """What differs from call to call. `add_headers` come from matched routing rules.

    The timeouts are seconds and only ever shorten the account's own.
    """

    model: str
    hub: HubRequest
    add_headers: tuple[tuple[str, str], ...] = ()
    drop_parameters: tuple[str, ...] = ()
    total_timeout: float | None = None
    first_byte_timeout: float | None = None


class UpstreamProvider(Protocol):
    """Called by the attempt loop; pure but for its credential, which only `request` puts on the wire.

    `request` raises InvalidRequest when the request cannot be said in the provider's format; `answer`
    raises UpstreamError (malformed, or an error inside a 200). What it and `failure` say holds no secret that
    was sent; a stream's failure has to go through `without_secrets`.
    """

    id: str

    def request(self, call: ProviderCall) -> UpstreamRequest: ...

    def answer(self, body: bytes, context: AnswerContext) -> Answer: ...

    def stream(self, context: AnswerContext) -> StreamReader: ...

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError: ...

    def without_secrets(self, error: UpstreamError) -> UpstreamError: ...


class ProviderDirectory(Protocol):
    """The accounts of the current configuration."""

    def provider(self, provider_id: str) -> UpstreamProvider:
        """Raises KeyError for an id that the configuration does not have (any more)."""
        ...
