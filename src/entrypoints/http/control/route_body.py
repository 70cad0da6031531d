"""The body of `/agents/route` as bytes, read into a RouteRequest and the facts to decide by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from llm_gateway.application.route_facts import route_facts
from llm_gateway.application.route_request import RouteRequest, read_route_request
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.entrypoints.http.inference.chat_request import ChatRequest, decode_chat_request, malformed
from llm_gateway.entrypoints.http.inference.facts import facts_of

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteBody:
    """`chat` are the bytes of the chat request inside, as they were sent: the same bytes sent to
    `/v1/chat/completions` give the same facts."""

    asked: RouteRequest
    chat: bytes | None

    def hub(self) -> ChatRequest | None:
        """The chat request inside, None where there is none. Raises InvalidRequest."""
        try:
            return None if self.chat is None else decode_chat_request(self.chat)
        except InvalidRequest as exc:
            raise _inside(exc) from None

    def facts(
        self, snapshot: RoutingSnapshot, *, tenant: str | None, headers: Mapping[str, str]
    ) -> RequestFacts:
        """`headers` are those of the HTTP request that the snapshot looks at; the body's own go first."""
        seen = {**headers, **dict(self.asked.headers)}
        chat = self.hub()
        if chat is None:
            return route_facts(self.asked, snapshot, tenant=tenant, headers=seen)
        try:
            return facts_of(
                chat,
                tenant=tenant,
                headers=seen,
                header_names=snapshot.rule_header_names,
                metadata_keys=snapshot.rule_metadata_keys,
                affinity=snapshot.affinity,
                hints=self.asked.hints,
            )
        except InvalidRequest as exc:
            raise _inside(exc) from None


def read_route_body(body: bytes) -> RouteBody:
    """Raises InvalidRequest that names the field, or the position where the JSON breaks."""
    try:
        body.decode()
        members = _decode_members(body)
        chat = members.get("request")
        document = {name: _decode(raw) for name, raw in members.items() if name != "request"}
        if chat is not None:
            document["request"] = _model_only(chat)
    except msgspec.ValidationError:
        raise InvalidRequest("the body must be a JSON object", code="invalid_type") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise malformed(exc, len(body)) from None
    asked = read_route_request(document)
    return RouteBody(asked=asked, chat=bytes(chat) if chat is not None else None)


def _model_only(chat: msgspec.Raw) -> Any:
    """Of the chat request only what the shape's check needs: the rest is decoded once, by its own reader."""
    if bytes(memoryview(chat)[:1]) != b"{":
        return _decode(chat)
    members = _decode_members(chat)
    return {name: _decode(raw) if name == "model" else None for name, raw in members.items()}


def _inside(error: InvalidRequest) -> InvalidRequest:
    param = f"request.{error.param}" if error.param else "request"
    return InvalidRequest(f"request: {error.message}", param=param, code=error.code)
