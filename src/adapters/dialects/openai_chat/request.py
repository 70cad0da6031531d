"""Hub request to OpenAI wire: the client's bytes, with only what must differ replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.openai_chat.endpoint import deployment, request_path
from llm_gateway.application.ports.dialect import HubRequest, WireRequest, WireTarget

_HEADERS = ((b"content-type", b"application/json"),)
_OTHER_LIMIT_FIELD = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_EDITING_OPTIONS = ("max_tokens_field", "omit", "rename", "omit_from_messages")

_Members = dict[str, msgspec.Raw]
_decode = msgspec.json.Decoder(_Members).decode
_decode_messages = msgspec.json.Decoder(list[_Members]).decode
_encode = msgspec.json.Encoder().encode
_SYSTEM = msgspec.Raw(b'"system"')


def encode_request(request: HubRequest, target: WireTarget) -> WireRequest:
    """Only top-level members, and of messages what an option names, are ever replaced; the bytes of all
    the others stay as the client wrote them.

    A stream always asks the upstream for usage, because usage is recorded whether the client asked or
    not; the reader takes the extra chunk out again.
    """
    options = target.options
    path = request_path(target.model, options)
    model = deployment(target.model, options)
    knows_usage = options.get("stream_usage", True) is True
    ask_usage = request.stream and not request.include_usage and knows_usage
    hide_usage = request.stream and not knows_usage
    edits = options.get("developer_role") is False or any(options.get(name) for name in _EDITING_OPTIONS)
    if request.model == model and not (ask_usage or hide_usage or edits or target.drop_parameters):
        return WireRequest(path=path, body=request.body, headers=_HEADERS)

    members = _decode(request.body)
    members["model"] = msgspec.Raw(_encode(model))
    for name in (*target.drop_parameters, *options.get("omit", ())):
        members.pop(name, None)
    if not knows_usage:
        members.pop("stream_options", None)
    elif ask_usage:
        members["stream_options"] = _with_usage(members.get("stream_options"))
    if edits:
        _edit(members, options)
    return WireRequest(path=path, body=_encode(members), headers=_HEADERS)


def _edit(members: _Members, options: Mapping[str, Any]) -> None:
    limit_field = options.get("max_tokens_field")
    if limit_field and (other := _OTHER_LIMIT_FIELD.get(limit_field)) in members:
        members.setdefault(limit_field, members.pop(other))
        members.pop(other, None)
    for name, theirs in options.get("rename", {}).items():
        if name in members:
            members.setdefault(theirs, members.pop(name))
    messages = members.get("messages")
    if messages is not None:
        roles = options.get("developer_role") is not False
        members["messages"] = _edited_messages(messages, options.get("omit_from_messages", ()), roles)


def _edited_messages(raw: msgspec.Raw, omitted: Collection[str], knows_developer: bool) -> msgspec.Raw:
    body = bytes(raw)
    # Most requests have nothing to edit, and looking for the names costs far less than decoding.
    unknown_role = not knows_developer and b'"developer"' in body
    if not unknown_role and not any(f'"{name}"'.encode() in body for name in omitted):
        return raw
    messages = _decode_messages(body)
    for message in messages:
        for name in omitted:
            message.pop(name, None)
        if unknown_role and bytes(message.get("role", b"")).strip() == b'"developer"':
            message["role"] = _SYSTEM
    return msgspec.Raw(_encode(messages))


def _with_usage(stream_options: msgspec.Raw | None) -> msgspec.Raw:
    if stream_options is None or bytes(stream_options) == b"null":
        return msgspec.Raw(b'{"include_usage":true}')
    options = _decode(stream_options)
    options["include_usage"] = msgspec.Raw(b"true")
    return msgspec.Raw(_encode(options))
