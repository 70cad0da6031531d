"""ConfiguredProvider: an account, its provider type and its dialect put together, ready to be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from llm_gateway.adapters.provider_kit.sent_secrets import SentSecrets
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.ports.dialect import Answer, AnswerContext, Dialect, StreamReader, WireTarget
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import UpstreamError

if TYPE_CHECKING:
    from llm_gateway.application.ports.upstream_provider import ProviderCall

_FIXED_HEADERS = ((b"accept-encoding", b"identity"), (b"user-agent", b"llm-inference-gateway"))

_SPENT_S = 0.5


class ConfiguredProvider:
    """Implements UpstreamProvider. Everything that does not differ from call to call is worked out once."""

    def __init__(self, account: ProviderAccount, dialect: Dialect) -> None:
        url = urlsplit(account.base_url)
        self.id = account.id
        self._dialect = dialect
        self._account = account
        self._origin = f"{url.scheme}://{url.netloc}"
        self._prefix = url.path.rstrip("/")
        self._headers = (*_FIXED_HEADERS, *_credential(account), *_encoded(account.headers))
        self._secrets = SentSecrets(account)
        self._link_local: Literal["refused", "allowed"] = "allowed" if account.allow_link_local else "refused"
        self._output_limits = {model.name: model.max_output_tokens for model in account.models}

    def request(self, call: ProviderCall) -> UpstreamRequest:
        wire = self._dialect.encode(
            call.hub,
            WireTarget(
                model=call.model,
                max_output_tokens=self._output_limits.get(call.model),
                options=self._account.options,
                drop_parameters=frozenset(call.drop_parameters),
            ),
        )
        timeouts = self._account.timeouts
        # What the request has spent so far is no reason for another limit; a shorter deadline is.
        if call.total_timeout is not None and call.total_timeout < timeouts.total - _SPENT_S:
            timeouts = replace(timeouts, total=call.total_timeout)
        if call.first_byte_timeout is not None and call.first_byte_timeout < timeouts.first_byte:
            timeouts = replace(timeouts, first_byte=call.first_byte_timeout)
        return UpstreamRequest(
            method="POST",
            origin=self._origin,
            target=self._target(wire.path),
            headers=(*self._headers, *wire.headers, *_encoded(call.add_headers)),
            body=wire.body,
            timeouts=timeouts,
            tls=self._account.tls,
            link_local=self._link_local,
        )

    def _target(self, path: str) -> str:
        # People also configure a base URL that ends with what the path begins with (Azure's `/openai/v1`).
        return path if self._prefix and path.startswith(f"{self._prefix}/") else self._prefix + path

    def answer(self, body: bytes, context: AnswerContext) -> Answer:
        return self._dialect.answer(body, context)

    def stream(self, context: AnswerContext) -> StreamReader:
        return self._dialect.stream(context)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return self._dialect.failure(status, headers, self._secrets.taken_out(body))


def _credential(account: ProviderAccount) -> tuple[tuple[bytes, bytes], ...]:
    if not account.api_key:
        return ()
    value = f"{account.credential_scheme} {account.api_key.reveal()}".strip()
    return ((account.credential_header.encode("latin-1"), value.encode("latin-1")),)


def _encoded(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
