"""Hub request to OpenAI wire: the client's bytes, with only what must differ replaced."""

from __future__ import annotations

import msgspec

from llm_gateway.application.ports.dialect import HubRequest, WireRequest, WireTarget

_HEADERS = ((b"content-type", b"application/json"),)
_OTHER_LIMIT_FIELD = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def encode_request(request: HubRequest, target: WireTarget) -> WireRequest:
    """Only top-level members are ever replaced; the bytes of all the others stay as the client wrote them.

    A stream always asks the upstream for usage, because usage is recorded whether the client asked or
    not; the reader takes the extra chunk out again.
    """
    options = target.options
    path = str(options.get("path", "/chat/completions"))
    ask_usage = request.stream and not request.include_usage and options.get("stream_usage", True)
    limit_field = options.get("max_tokens_field")
    if request.model == target.model and not (ask_usage or limit_field or target.drop_parameters):
        return WireRequest(path=path, body=request.body, headers=_HEADERS)

    members = _decode(request.body)
    members["model"] = msgspec.Raw(_encode(target.model))
    for name in target.drop_parameters:
        members.pop(name, None)
    if ask_usage:
        members["stream_options"] = _with_usage(members.get("stream_options"))
    if limit_field and (other := _OTHER_LIMIT_FIELD.get(limit_field)) in members:
        members.setdefault(limit_field, members.pop(other))
        members.pop(other, None)
    return WireRequest(path=path, body=_encode(members), headers=_HEADERS)


def _with_usage(stream_options: msgspec.Raw | None) -> msgspec.Raw:
    if stream_options is None or bytes(stream_options) == b"null":
        return msgspec.Raw(b'{"include_usage":true}')
    options = _decode(stream_options)
    options["include_usage"] = msgspec.Raw(b"true")
    return msgspec.Raw(_encode(options))
