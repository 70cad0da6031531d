"""RequestFacts as plain JSON, its hash, and back: the inputs of a decision.

Members are written in sorted order and sets as sorted lists, so the text is RFC 8785 canonical as it
stands: names are fixed ASCII, and no value is a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.exact_number import exact_integer
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts, RoutingHints

# json's C encoder: on what a facts document can hold it agrees with canonical(), at a tenth of its cost.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def facts_document(facts: RequestFacts) -> dict[str, Any]:
    """Every field of the facts, names sorted; pairs (headers, metadata) as two-element lists."""
    return {
        "affinity_key": facts.affinity_key,
        "bound_to": facts.bound_to,
        "capabilities": sorted(facts.capabilities),
        "headers": facts.headers,
        "hints": _NO_HINTS if facts.hints is NO_HINTS else _hints_document(facts.hints),
        "input_tokens": exact_integer(facts.input_tokens),
        "max_output_tokens": _optional_integer(facts.max_output_tokens),
        "metadata": facts.metadata,
        "model": facts.model,
        "parameters": sorted(facts.parameters),
        "tenant": facts.tenant,
    }


def inputs_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a facts document, as 64 lower-case hexadecimal digits.

    `document` must be `facts_document`'s. Raises UnicodeEncodeError for a lone surrogate.
    """
    return sha256(_encode(document).encode("utf-8")).hexdigest()


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
    return {
        "cost_budget": hints.cost_budget,
        "excluded_providers": hints.excluded_providers,
        "fallback_enabled": hints.fallback_enabled,
        "max_latency_ms": _optional_integer(hints.max_latency_ms),
        "max_latency_tier": _optional_integer(hints.max_latency_tier),
        "optimize_cost": hints.optimize_cost,
        "preferred_providers": hints.preferred_providers,
        "priority": hints.priority,
    }


def _hints_from_document(document: Mapping[str, Any]) -> RoutingHints:
    hints = RoutingHints(
        preferred_providers=tuple(document["preferred_providers"]),
        excluded_providers=tuple(document["excluded_providers"]),
        max_latency_tier=_optional_int(document["max_latency_tier"]),
        max_latency_ms=_optional_int(document["max_latency_ms"]),
        cost_budget=document["cost_budget"],
        optimize_cost=document["optimize_cost"],
        fallback_enabled=document["fallback_enabled"],
        priority=document["priority"],
    )
    return NO_HINTS if hints == NO_HINTS else hints


def _optional_integer(value: int | None) -> int | str | None:
    return None if value is None else exact_integer(value)


def _optional_int(value: int | str | None) -> int | None:
    return None if value is None else int(value)


_NO_HINTS = _hints_document(NO_HINTS)
