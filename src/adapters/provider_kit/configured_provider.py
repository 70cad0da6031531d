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
from llm_gateway.domain.memo import Memo

if TYPE_CHECKING:
    from llm_gateway.application.ports.upstream_provider import ProviderCall

_FIXED_HEADERS = ((b"accept-encoding", b"identity"), (b"user-agent", b"llm-inference-gateway"))

_SPENT_S = 0.5
_MEMO = 256  # what differs are models, which clients may name freely, and headers that rules add

_Fields = tuple[tuple[bytes, bytes], ...]


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
        self._targets: Memo[tuple[str, tuple[str, ...]], WireTarget] = Memo(_MEMO)
        self._fields: Memo[tuple[_Fields, tuple[tuple[str, str], ...]], _Fields] = Memo(_MEMO)
        self._paths: Memo[str, str] = Memo(_MEMO)

    def request(self, call: ProviderCall) -> UpstreamRequest:
        wire = self._dialect.encode(call.hub, self._wire_target(call.model, call.drop_parameters))
        timeouts = self._account.timeouts
        # What the request has spent so far is no reason for another limit; a shorter deadline is.
        if call.total_timeout is not None and call.total_timeout < timeouts.total - _SPENT_S:
            timeouts = replace(timeouts, total=call.total_timeout)
        if call.first_byte_timeout is not None and call.first_byte_timeout < timeouts.first_byte:
            timeouts = replace(timeouts, first_byte=call.first_byte_timeout)
        return UpstreamRequest(
            method="POST",
            origin=self._origin,
            target=self._paths.get(wire.path) or self._paths.keep(wire.path, self._target(wire.path)),
            headers=self._all_fields(wire.headers, call.add_headers),
            body=wire.body,
            timeouts=timeouts,
            tls=self._account.tls,
            link_local=self._link_local,
        )

    def _wire_target(self, model: str, drop: tuple[str, ...]) -> WireTarget:
        known = self._targets.get((model, drop))
        if known is not None:
            return known
        made = WireTarget(
            model=model,
            max_output_tokens=self._output_limits.get(model),
            options=self._account.options,
            drop_parameters=frozenset(drop),
        )
        return self._targets.keep((model, drop), made)

    def _all_fields(self, wire: _Fields, added: tuple[tuple[str, str], ...]) -> _Fields:
        key = (wire, added)
        return self._fields.get(key) or self._fields.keep(key, (*self._headers, *wire, *_encoded(added)))

    def _target(self, path: str) -> str:
        # People also configure a base URL that ends with what the path begins with (Azure's `/openai/v1`).
        return path if self._prefix and path.startswith(f"{self._prefix}/") else self._prefix + path

    def answer(self, body: bytes, context: AnswerContext) -> Answer:
        try:
            return self._dialect.answer(body, context)
        except UpstreamError as error:
            raise self.without_secrets(error) from None

    def stream(self, context: AnswerContext) -> StreamReader:
        return self._dialect.stream(context)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return self._dialect.failure(status, headers, self._secrets.taken_out(body))

    def without_secrets(self, error: UpstreamError) -> UpstreamError:
        """The same error, whose message may be the upstream's own."""
        said = self._secrets.taken_out(error.message.encode("utf-8", "surrogatepass"))
        error.message = said.decode("utf-8", "surrogatepass")
        error.args = (error.message,)
        return error


def _credential(account: ProviderAccount) -> tuple[tuple[bytes, bytes], ...]:
    if not account.api_key:
        return ()
    value = f"{account.credential_scheme} {account.api_key.reveal()}".strip()
    return ((account.credential_header.encode("latin-1"), value.encode("latin-1")),)


def _encoded(headers: tuple[tuple[str, str], ...]) -> _Fields:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
