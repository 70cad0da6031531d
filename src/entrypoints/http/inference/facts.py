"""RequestFacts of a chat request, taken once. Prompt text is hashed or counted, never kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter

import msgspec

from llm_gateway.domain.affinity import affinity_digest
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts, RoutingHints
from llm_gateway.entrypoints.http.inference.chat_request import (
    NOTHING,
    ChatBody,
    ChatRequest,
    Message,
    decode_parts,
)

# A token is about four bytes of English JSON; the figure only has to be the same everywhere.
BYTES_PER_TOKEN = 4
_PREFIX_BYTES = 4096
_BRACKET, _QUOTE, _NULL = b'["n'  # how a list, a text and null begin
# Raw values that ask for nothing; `modalities` says what every model does anyway.
_EMPTY = frozenset({b"", b"null", b"[]", b"{}", b'""', b"false", b'["text"]'})
_CAPABILITY_BY_PART = {
    "image_url": Capability.VISION,
    "input_audio": Capability.AUDIO,
    "file": Capability.FILES,
}


def facts_of(
    request: ChatRequest,
    *,
    tenant: str | None,
    headers: Mapping[str, str],
    header_names: Collection[str],
    metadata_keys: Collection[str],
    affinity: Sequence[str],
    hints: RoutingHints = NO_HINTS,
) -> RequestFacts:
    """`headers` have lower-case names; of them and of `metadata` only what a rule can look at is taken over.

    What only the affinity list looks at (a session id, a user) is digested and goes no further.

    Raises InvalidRequest when a message's content is neither text nor a list of parts.
    """
    body = request.parsed
    return RequestFacts(
        model=body.model,
        tenant=tenant,
        capabilities=_capabilities(request),
        parameters=_parameters(body),
        input_tokens=len(request.body) // BYTES_PER_TOKEN,
        max_output_tokens=body.max_completion_tokens or body.max_tokens,
        headers=tuple(sorted((name, headers[name]) for name in header_names if name in headers))
        if header_names
        else (),
        metadata=tuple(sorted((key, value) for key, value in body.metadata.items() if key in metadata_keys))
        if body.metadata and metadata_keys
        else (),
        hints=hints,
        affinity_key=_affinity_key(affinity, body, headers),
    )


def _capabilities(request: ChatRequest) -> frozenset[Capability]:
    body = request.parsed
    needed: set[Capability] = set()
    if request.stream:
        needed.add(Capability.STREAMING)
    if body.tools or body.functions:
        needed.add(Capability.TOOLS)
    if body.response_format is not None:
        if body.response_format.type == "json_schema":
            needed.add(Capability.JSON_SCHEMA)
        elif body.response_format.type == "json_object":
            needed.add(Capability.JSON_OBJECT)
    if body.logprobs:
        needed.add(Capability.LOGPROBS)
    if body.n is not None and body.n > 1:
        needed.add(Capability.N)
    if body.reasoning_effort not in (None, "none"):
        needed.add(Capability.REASONING)
    for index, message in enumerate(body.messages):
        first = memoryview(message.content)[0] if message.content is not NOTHING else _QUOTE
        if first == _BRACKET:
            needed.update(_part_capabilities(message, index))
        elif first not in (_QUOTE, _NULL):
            path = f"messages[{index}].content"
            raise InvalidRequest(
                f"{path} must be a string or a list of parts", param=path, code="invalid_type"
            )
    return frozenset(needed)


def _part_capabilities(message: Message, index: int) -> set[Capability]:
    try:
        parts = decode_parts(message.content)
    except msgspec.ValidationError:
        path = f"messages[{index}].content"
        raise InvalidRequest(
            f"{path}: every part must be an object with a type", param=path, code="invalid_type"
        ) from None
    return {_CAPABILITY_BY_PART[part.type] for part in parts if part.type in _CAPABILITY_BY_PART}


def _parameters(body: ChatBody) -> frozenset[str]:
    """Names of parameters whose value changes the answer; neutral ones need no provider's help."""
    used: set[str] = set()
    # Members are read all at once: most are absent, and this is done for every request.
    plain = _plain(body)
    if plain != _NO_PLAIN:
        for name, value in zip(_PLAIN, plain, strict=True):
            if value is not None and value not in _NEUTRAL.get(name, ()):
                used.add(name)
    raws = _raw(body)
    if raws != _NO_RAW:
        for name, raw in zip(_RAW, raws, strict=True):
            if raw is not NOTHING and bytes(raw) not in _EMPTY:
                used.add(name)
    return frozenset(used)


_NEUTRAL: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "parallel_tool_calls": (True,),
    "store": (False,),
}
_PLAIN = (
    *_NEUTRAL,
    "temperature",
    "top_p",
    "seed",
    "reasoning_effort",
    "max_tokens",
    "max_completion_tokens",
)
_RAW = (
    "stop",
    "logit_bias",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "verbosity",
    "service_tier",
)
_plain = attrgetter(*_PLAIN)
_raw = attrgetter(*_RAW)
_NO_PLAIN = (None,) * len(_PLAIN)
_NO_RAW = (NOTHING,) * len(_RAW)


def _affinity_key(affinity: Sequence[str], body: ChatBody, headers: Mapping[str, str]) -> str | None:
    """A digest of the first source in the configured list that the request has."""
    for source in affinity:
        if source == "user":
            value = body.user
        elif source == "prompt_prefix":
            return affinity_digest("prompt_prefix", _prompt_prefix(body))
        elif source.startswith("header:"):
            value = headers.get(source[7:].lower())
        elif source.startswith("metadata:"):
            value = (body.metadata or {}).get(source[9:])
        else:
            value = None
        if value:
            return affinity_digest(source, value.encode())
    return None


def _prompt_prefix(body: ChatBody) -> bytes:
    """The system messages and the first other one: what a conversation's later turns all begin with."""
    parts: list[bytes] = []
    for message in body.messages:
        parts.append(message.role.encode())
        parts.append(bytes(memoryview(message.content)[:_PREFIX_BYTES]))
        if message.role not in ("system", "developer"):
            break
    return b"\0".join(parts)
