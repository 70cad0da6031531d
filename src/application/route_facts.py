"""RequestFacts of a route request that brings no chat request along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llm_gateway.application.route_request import RouteRequest
from llm_gateway.domain.affinity import affinity_digest
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot


def route_facts(
    request: RouteRequest, snapshot: RoutingSnapshot, *, tenant: str | None, headers: Mapping[str, str]
) -> RequestFacts:
    """`headers` have lower-case names; of them and of the metadata only what a rule looks at is taken."""
    metadata = dict(request.metadata)
    return RequestFacts(
        model=request.model,
        tenant=tenant,
        capabilities=request.capabilities,
        headers=_looked_at(headers, snapshot.rule_header_names),
        metadata=_looked_at(metadata, snapshot.rule_metadata_keys),
        hints=request.hints,
        affinity_key=_affinity_key(snapshot.affinity, headers, metadata),
    )


def _looked_at(values: Mapping[str, str], names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, values[name]) for name in names if name in values))


def _affinity_key(
    affinity: Sequence[str], headers: Mapping[str, str], metadata: Mapping[str, str]
) -> str | None:
    """Of the sources only headers and metadata can be here: there is no user and no prompt."""
    for source in affinity:
        kind, _, name = source.partition(":")
        value = {"header": headers.get(name.lower()), "metadata": metadata.get(name)}.get(kind)
        if value:
            return affinity_digest(source, value.encode("utf-8", "surrogatepass"))
    return None
