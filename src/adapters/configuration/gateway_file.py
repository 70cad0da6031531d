"""GatewayFile: the whole of `gateway.yaml` as it is written, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from llm_gateway.adapters.configuration.file_section import FileSection
from llm_gateway.adapters.configuration.operation_sections import (
    AuditSection,
    AuthSection,
    PolicySection,
    ResilienceSection,
    ServerSection,
    TelemetrySection,
)
from llm_gateway.adapters.configuration.provider_entry import ProviderEntry
from llm_gateway.adapters.configuration.routing_section import RoutingSection

_REFERENCE = {"type": "string", "pattern": r"\$\{", "description": "a reference to the environment"}
_SCALARS = ("integer", "number", "boolean")


class GatewayFile(FileSection):
    """Configuration of llm-gateway. Every key is optional."""

    providers: tuple[ProviderEntry, ...] | None = Field(
        default=None, description="left out: one provider for each provider key in the environment"
    )
    routing: RoutingSection = RoutingSection()
    resilience: ResilienceSection = ResilienceSection()
    auth: AuthSection = AuthSection()
    audit: AuditSection = AuditSection()
    policy: PolicySection = PolicySection()
    telemetry: TelemetrySection = TelemetrySection()
    server: ServerSection = ServerSection()


def file_schema() -> dict[str, Any]:
    """JSON Schema of the parsed and substituted file: what the known keys are read from."""
    return GatewayFile.model_json_schema(mode="validation")


def json_schema(provider_types: Iterable[str]) -> dict[str, Any]:
    """JSON Schema (2020-12) of the file as written, for editors: `${VAR}` may stand for any scalar."""
    schema = file_schema()
    types = sorted(provider_types)
    schema["$defs"]["ProviderEntry"]["properties"]["type"] = {"enum": types, "title": "Type"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gateway.yaml",
        **_with_references({key: value for key, value in schema.items() if key != "title"}),
    }


def _with_references(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_references(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _with_references(value) for key, value in node.items()}
    if isinstance(inner.get("default"), float) and "anyOf" in inner:
        inner["default"] = f"{inner['default']:g}s"  # of the numbers only durations are unions
    if not _takes_text(inner):
        return inner
    outer = {key: inner.pop(key) for key in ("title", "description", "default") if key in inner}
    return {**outer, "anyOf": [inner, _REFERENCE]}


def _takes_text(node: dict[str, Any]) -> bool:
    """A scalar's schema that text would not satisfy; not a mapping that happens to have such a key."""
    return (
        node.get("type") in _SCALARS
        or isinstance(node.get("enum"), list)
        or isinstance(node.get("pattern"), str)
    )
