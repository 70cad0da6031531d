"""RequestFacts as plain JSON, its hash, and back: the inputs of a decision.

Members are written in sorted order and sets as sorted lists, so the text is RFC 8785 canonical as it
stands: names are fixed ASCII, and no value is a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from hashlib import sha256
from typing import Any

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.exact_number import exact_integer
from llm_gateway.domain.json_text import document_text, number_text, optional_text, quoted
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts, RoutingHints

_HINTS = tuple(sorted(field.name for field in fields(RoutingHints)))
_INTEGERS = frozenset({"max_latency_ms", "max_latency_tier"})


def facts_document(facts: RequestFacts) -> dict[str, Any]:
    """Every field of the facts, names sorted; pairs as two-element lists; the hints that were given."""
    return {
        "affinity_key": facts.affinity_key,
        "bound_to": facts.bound_to,
        "capabilities": sorted(facts.capabilities),
        "headers": facts.headers,
        "hints": _hints_document(facts.hints),
        "input_tokens": exact_integer(facts.input_tokens),
        "max_output_tokens": _optional_integer(facts.max_output_tokens),
        "metadata": facts.metadata,
        "model": facts.model,
        "parameters": sorted(facts.parameters),
        "tenant": facts.tenant,
    }


def facts_text(facts: RequestFacts) -> str:
    """`facts_document` as canonical JSON. May hold a lone surrogate, which UTF-8 cannot."""
    limit = facts.max_output_tokens
    return (
        f'{{"affinity_key":{optional_text(facts.affinity_key)}'
        f',"bound_to":{document_text(facts.bound_to) if facts.bound_to else "[]"}'
        f',"capabilities":{_names_text(facts.capabilities)}'
        f',"headers":{document_text(facts.headers) if facts.headers else "[]"}'
        f',"hints":{"{}" if facts.hints is NO_HINTS else document_text(_hints_document(facts.hints))}'
        f',"input_tokens":{number_text(facts.input_tokens)}'
        f',"max_output_tokens":{"null" if limit is None else number_text(limit)}'
        f',"metadata":{document_text(facts.metadata) if facts.metadata else "[]"}'
        f',"model":{quoted(facts.model)}'
        f',"parameters":{_names_text(facts.parameters)}'
        f',"tenant":{optional_text(facts.tenant)}}}'
    )


def inputs_hash(text: str) -> str:
    """SHA-256 of the canonical JSON of the facts, as 64 lower-case hexadecimal digits.

    `text` must be `facts_text`'s. Raises UnicodeEncodeError for a lone surrogate.
    """
    return sha256(text.encode("utf-8")).hexdigest()


@lru_cache(maxsize=1024)
def _names_text(names: frozenset[str]) -> str:
    return document_text(sorted(names))


def facts_from_document(document: Mapping[str, Any]) -> RequestFacts:
    """The inverse of `facts_document`, also after a way through JSON.

    Raises KeyError, ValueError or TypeError for a document that is not one.
    """
    return RequestFacts(
        model=document["model"],
        tenant=document["tenant"],
        capabilities=frozenset(Capability(name) for name in document["capabilities"]),
        parameters=frozenset(document["parameters"]),
        input_tokens=int(document["input_tokens"]),
        max_output_tokens=_optional_int(document["max_output_tokens"]),
        headers=tuple((name, value) for name, value in document["headers"]),
        metadata=tuple((name, value) for name, value in document["metadata"]),
        hints=_hints_from_document(document["hints"]),
        affinity_key=document["affinity_key"],
        bound_to=tuple(document["bound_to"]),
    )


def _hints_document(hints: RoutingHints) -> dict[str, Any]:
    if hints is NO_HINTS:
        return {}
    given = ((name, getattr(hints, name)) for name in _HINTS)
    return {
        name: exact_integer(value) if type(value) is int else value
        for name, value in given
        if value != getattr(NO_HINTS, name)
    }


def _hints_from_document(document: Mapping[str, Any]) -> RoutingHints:
    if not document:
        return NO_HINTS
    given: dict[str, Any] = {
        name: int(value) if name in _INTEGERS else tuple(value) if isinstance(value, list) else value
        for name, value in document.items()
    }
    return RoutingHints(**given)


def _optional_integer(value: int | None) -> int | str | None:
    return None if value is None else exact_integer(value)


def _optional_int(value: int | str | None) -> int | None:
    return None if value is None else int(value)
