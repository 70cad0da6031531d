"""The canonical document of a routing snapshot, and the way back from it.

A field that has its default is left out, so that adding an optional field to a noun does not change
the hash of snapshots that do not use it. Sets become sorted lists. Nothing here is a secret: credentials
are references, and the values of headers that rules add, which may be credentials and which no decision
looks at, are digests. A snapshot that is made from its document therefore decides the same, and cannot serve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from hashlib import sha256
from typing import Any

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch

Document = dict[str, Any]
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII).fullmatch


def document_of(noun: Provider | Model | RoutingRule | RuleMatch | RuleAction) -> Document:
    """JSON-able form of one of the nouns of a snapshot."""
    document: Document = {}
    for field in fields(noun):
        value = getattr(noun, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value != default:
            document[field.name] = _digests(value) if field.name == "add_headers" else _plain(value)
    return document


def provider_from(document: Document) -> Provider:
    """Raises TypeError or ValueError for a document that `document_of` did not make."""
    values = {key: _provider_value(key, value) for key, value in document.items()}
    return Provider(**values)


def rule_from(document: Document) -> RoutingRule:
    """Raises TypeError or ValueError for a document that `document_of` did not make."""
    values = dict(document)
    match = {key: _rule_value(key, value) for key, value in values.pop("match", {}).items()}
    action = {key: _rule_value(key, value) for key, value in values.pop("action", {}).items()}
    return RoutingRule(match=RuleMatch(**match), action=RuleAction(**action), **values)


def _digests(headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[name, value if _DIGEST(value) else f"sha256:{_sha256(value)}"] for name, value in headers]


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Model | RuleMatch | RuleAction):
        return document_of(value)
    return value


def _provider_value(key: str, value: Any) -> Any:
    if key == "models":
        return tuple(_model_from(item) for item in value)
    if key == "capabilities":
        return _capabilities(value)
    return frozenset(value) if isinstance(value, list) else value


def _model_from(document: Mapping[str, Any]) -> Model:
    values = dict(document)
    if "aliases" in values:
        values["aliases"] = tuple(values["aliases"])
    if "capabilities" in values:
        values["capabilities"] = _capabilities(values["capabilities"])
    return Model(**values)


def _rule_value(key: str, value: Any) -> Any:
    if key == "capabilities":
        return _capabilities(value)
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return value


def _capabilities(names: list[str]) -> frozenset[Capability]:
    return frozenset(Capability(name) for name in names)
