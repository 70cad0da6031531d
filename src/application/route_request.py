"""RouteRequest: what `/agents/route` and `llm-gateway agent route` are asked, whichever shape it came in.

    1  request, tenant_id?, hints?                                           a chat request inside
    2  request_id, model_requested, tenant_id?, headers?, provider_constraints?, fallback_enabled?,
       priority?, required_capabilities?, max_latency_ms?, cost_budget?
    3  model, request_id                                                     the deployment guide's curl
    4  model, request_id, tenant_id, fallback_enabled                        verify.sh
    5  model, fallback?, priority?, dry_run?, tenant?, context?              the command line

3, 4 and 5 do not contradict each other and are read as one. `request_id` and `dry_run` go with each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from llm_gateway.application import route_fields as f
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.request_facts import NO_HINTS, RoutingHints

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequest:
    """`has_chat` says that shape 1's `request` is there to take the facts from; `model` is then its model.

    `headers` have lower-case names and go before those of the HTTP request; `metadata` is the context.
    """

    model: str
    request_id: str | None = None
    tenant: str | None = None
    dry_run: bool = False
    hints: RoutingHints = NO_HINTS
    capabilities: frozenset[Capability] = frozenset()
    headers: tuple[tuple[str, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    has_chat: bool = False


_EVERYWHERE = {"request_id", "dry_run"}
_WITH_REQUEST = {"tenant_id", "hints"}
_WITH_MODEL_REQUESTED = {
    "tenant_id",
    "headers",
    "provider_constraints",
    "fallback_enabled",
    "priority",
    "required_capabilities",
    "max_latency_ms",
    "cost_budget",
}
_WITH_MODEL = {"tenant_id", "fallback_enabled", "fallback", "priority", "tenant", "context"}
# The member that makes a shape, with what may stand beside it.
_SHAPES = {"request": _WITH_REQUEST, "model_requested": _WITH_MODEL_REQUESTED, "model": _WITH_MODEL}


def read_route_request(document: Mapping[str, Any]) -> RouteRequest:
    """Raises InvalidRequest that names the member which is missing, too much, or of the wrong type."""
    kind = _shape(document)
    if kind == "request":
        return _from_chat(document)
    if kind == "model_requested":
        return _from_contract(document)
    return _from_model(document)


def _shape(document: Mapping[str, Any]) -> str:
    found = [name for name in _SHAPES if name in document]
    if len(found) > 1:
        _refuse(f"{' and '.join(found)} are of different request shapes: send one of them", found[1])
    if not found:
        _missing(document)
    (kind,) = found
    for name in document:
        if name != kind and name not in _EVERYWHERE and name not in _SHAPES[kind]:
            _stray(name, kind)
    return kind


def _missing(document: Mapping[str, Any]) -> NoReturn:
    """No shape is named: say which member would complete what is there."""
    given = [name for name in document if name not in _EVERYWHERE]
    fitting = [kind for kind, members in _SHAPES.items() if members.issuperset(given)]
    wanted = sorted(fitting or _SHAPES)
    raise InvalidRequest(
        f"missing required field: {' or '.join(wanted)}",
        param=wanted[0],
        code="missing_required_parameter",
    )


def _stray(name: str, kind: str) -> NoReturn:
    homes = sorted(other for other, members in _SHAPES.items() if name in members)
    if homes:
        raise InvalidRequest(
            f"{name} does not go with {kind}: missing required field: {' or '.join(homes)}",
            param=name,
            code="mixed_request_shapes",
        )
    known = sorted(_SHAPES[kind] | _EVERYWHERE)
    _refuse(f"unknown field {name}; with {kind} there may be {', '.join(known)}", name)


def _refuse(message: str, param: str) -> NoReturn:
    raise InvalidRequest(message, param=param, code="mixed_request_shapes")


def _from_chat(document: Mapping[str, Any]) -> RouteRequest:
    request = f.mapping(document["request"], "request")
    if "model" not in request:
        raise InvalidRequest(
            "missing required field: request.model", param="request.model", code="missing_required_parameter"
        )
    hints = f.known(
        f.optional(f.mapping)(document.get("hints"), "hints") or {},
        "hints",
        {"preferred_providers", "excluded_providers", "max_latency_tier", "optimize_cost"},
    )
    return RouteRequest(
        model=f.model(request["model"], "request.model"),
        request_id=_request_id(document),
        tenant=_given(document, "tenant_id", f.text),
        dry_run=_given(document, "dry_run", f.flag) or False,
        hints=_hints(
            preferred_providers=f.optional(f.texts)(
                hints.get("preferred_providers"), "hints.preferred_providers"
            ),
            excluded_providers=f.optional(f.texts)(
                hints.get("excluded_providers"), "hints.excluded_providers"
            ),
            max_latency_tier=f.optional(f.count)(hints.get("max_latency_tier"), "hints.max_latency_tier"),
            optimize_cost=f.optional(f.flag)(hints.get("optimize_cost"), "hints.optimize_cost"),
        ),
        has_chat=True,
    )


def _from_contract(document: Mapping[str, Any]) -> RouteRequest:
    constraints = f.known(
        f.optional(f.mapping)(document.get("provider_constraints"), "provider_constraints") or {},
        "provider_constraints",
        {"preferred_providers", "excluded_providers"},
    )
    at = "provider_constraints"
    return RouteRequest(
        model=f.model(document["model_requested"], "model_requested"),
        request_id=_request_id(document, required=True),
        tenant=_given(document, "tenant_id", f.text),
        dry_run=_given(document, "dry_run", f.flag) or False,
        hints=_hints(
            preferred_providers=f.optional(f.texts)(
                constraints.get("preferred_providers"), f"{at}.preferred_providers"
            ),
            excluded_providers=f.optional(f.texts)(
                constraints.get("excluded_providers"), f"{at}.excluded_providers"
            ),
            fallback_enabled=_given(document, "fallback_enabled", f.flag),
            priority=_given(document, "priority", f.word),
            max_latency_ms=_given(document, "max_latency_ms", f.count),
            cost_budget=_given(document, "cost_budget", f.amount),
        ),
        capabilities=_given(document, "required_capabilities", f.capabilities) or frozenset(),
        headers=_given(document, "headers", f.headers) or (),
    )


def _from_model(document: Mapping[str, Any]) -> RouteRequest:
    return RouteRequest(
        model=f.model(document["model"], "model"),
        request_id=_request_id(document),
        tenant=_one_of(document, ("tenant", "tenant_id"), f.text),
        dry_run=_given(document, "dry_run", f.flag) or False,
        hints=_hints(
            fallback_enabled=_one_of(document, ("fallback", "fallback_enabled"), f.flag),
            priority=_given(document, "priority", f.word),
        ),
        metadata=_given(document, "context", f.words) or (),
    )


def _hints(**given: Any) -> RoutingHints:
    """NO_HINTS itself when nothing was wished for: wishes that say nothing must not change the hash."""
    hints = RoutingHints(**{name: value for name, value in given.items() if value is not None})
    return NO_HINTS if hints == NO_HINTS else hints


def _request_id(document: Mapping[str, Any], *, required: bool = False) -> str | None:
    found = _given(document, "request_id", f.request_id)
    if found is None and required:
        raise InvalidRequest(
            "missing required field: request_id", param="request_id", code="missing_required_parameter"
        )
    return found


def _given(document: Mapping[str, Any], name: str, check: Callable[[Any, str], T]) -> T | None:
    return f.optional(check)(document.get(name), name)


def _one_of(document: Mapping[str, Any], names: tuple[str, str], check: Callable[[Any, str], T]) -> T | None:
    """A member with two names in circulation. Both may be there when they agree."""
    first, second = (_given(document, name, check) for name in names)
    if first is not None and second is not None and first != second:
        _refuse(f"{names[0]} and {names[1]} say different things", names[1])
    return second if first is None else first
