"""ChatRequest: a chat-completions body decoded once, only as far as routing needs; the rest stays bytes."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import msgspec

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.entrypoints.http.inference.repeated_member import repeated_member

Raw = msgspec.Raw
NOTHING = Raw()  # a member that the client did not write; compared by identity


class Message(msgspec.Struct):
    """`content` stays raw: its text is never looked at, only whether it is a list of parts."""

    role: str
    content: Raw = NOTHING
    tool_calls: Raw = NOTHING


class Part(msgspec.Struct):
    type: str = "text"


class ResponseFormat(msgspec.Struct):
    type: str = "text"


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatBody(msgspec.Struct):
    """Members that routing looks at. Source: OpenAI API reference, "Create chat completion"."""

    model: str
    messages: list[Message]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Raw] | None = None
    functions: list[Raw] | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: str | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: Raw = NOTHING
    logit_bias: Raw = NOTHING
    modalities: Raw = NOTHING
    audio: Raw = NOTHING
    prediction: Raw = NOTHING
    web_search_options: Raw = NOTHING
    verbosity: Raw = NOTHING
    service_tier: Raw = NOTHING
    store: bool | None = None


_decode = msgspec.json.Decoder(ChatBody).decode
_decode_document = msgspec.json.Decoder(dict[str, Any]).decode
decode_parts = msgspec.json.Decoder(list[Part]).decode

_MISSING = re.compile(r"missing required field `(\w+)`(?: - at `\$\.?(.*)`)?")
_WRONG = re.compile(r"^(Expected .*?) - at `\$\.?(.*)`$")
_BYTE = re.compile(r"^(.*) \(byte (\d+)\)$")


class ChatRequest:
    """Implements HubRequest."""

    __slots__ = ("_document", "body", "include_usage", "model", "parsed", "stream")

    def __init__(self, body: bytes, parsed: ChatBody) -> None:
        self.body = body
        self.parsed = parsed
        self.model = parsed.model
        self.stream = parsed.stream is True
        options = parsed.stream_options
        self.include_usage = options is not None and options.include_usage is True
        self._document: dict[str, Any] | None = None

    @property
    def temperature(self) -> float | None:
        return self.parsed.temperature

    def document(self) -> dict[str, Any]:
        """Raises InvalidRequest for a number that routing does not look at and that nobody can hold."""
        if self._document is None:
            try:
                self._document = _decode_document(self.body)
            except msgspec.ValidationError as exc:
                raise InvalidRequest(f"the body cannot be read: {exc}", code="invalid_value") from None
        return self._document


def decode_chat_request(body: bytes) -> ChatRequest:
    """Raises InvalidRequest that names the field, or the position where the JSON breaks."""
    try:
        parsed = _decode(body)
        if not body.isascii():
            body.decode()  # raw members were skipped over, not decoded: their bytes are still unchecked
    except msgspec.ValidationError as exc:
        _refuse(str(exc))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise malformed(exc, len(body)) from None
    if not parsed.model:
        raise InvalidRequest("model must not be empty", param="model", code="invalid_value")
    if len(parsed.model) > 256:
        raise InvalidRequest("model is longer than 256 characters", param="model", code="invalid_value")
    if not parsed.messages:
        raise InvalidRequest(
            "messages must hold at least one message", param="messages", code="invalid_value"
        )
    _check_ranges(parsed)
    _check_members(body)
    return ChatRequest(body, parsed)


def malformed(exc: Exception, length: int) -> InvalidRequest:
    """The answer to a body that is not JSON: what broke and where, never the body itself."""
    if isinstance(exc, RecursionError):
        return InvalidRequest("the body is nested too deeply", code="invalid_json")
    if isinstance(exc, UnicodeDecodeError):
        return InvalidRequest(f"the body is not UTF-8 at byte {exc.start}", code="invalid_json")
    match = _BYTE.match(str(exc))
    if match:
        return InvalidRequest(f"the body is not JSON: {match[1]} at byte {match[2]}", code="invalid_json")
    return InvalidRequest(f"the body is not JSON: it ends too early, at byte {length}", code="invalid_json")


def _refuse(text: str) -> NoReturn:
    if match := _MISSING.search(text):
        path = f"{match[2]}.{match[1]}" if match[2] else match[1]
        raise InvalidRequest(
            f"missing required field: {path}", param=path, code="missing_required_parameter"
        ) from None
    if match := _WRONG.match(text):
        path = match[2] or "body"
        raise InvalidRequest(
            f"{path}: {match[1].lower().replace('`', '')}", param=path, code="invalid_type"
        ) from None
    raise InvalidRequest(f"the body is not a chat request: {text}", code="invalid_type") from None


def _check_members(body: bytes) -> None:
    try:
        name = repeated_member(body)
    except RecursionError as exc:
        raise malformed(exc, len(body)) from None
    if name is not None:
        raise InvalidRequest(f"{name} is given twice", param=name, code="duplicate_member")


def _check_ranges(parsed: ChatBody) -> None:
    if parsed.n is not None and not 1 <= parsed.n <= 128:
        raise InvalidRequest("n must be between 1 and 128", param="n", code="invalid_value")
    for name in ("max_tokens", "max_completion_tokens"):
        value = getattr(parsed, name)
        if value is not None and value < 1:
            raise InvalidRequest(f"{name} must be at least 1", param=name, code="invalid_value")
