"""Domain error to HTTP status."""

from __future__ import annotations

import inspect

import pytest

from llm_gateway.domain import errors
from llm_gateway.entrypoints.http.errors import STATUS, TYPE_BY_STATUS, status_of, type_of

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.GatewayError) and kind is not errors.GatewayError
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_of_its_own_family(kind: type[errors.GatewayError]) -> None:
    assert any(ancestor in STATUS for ancestor in kind.__mro__ if ancestor is not errors.GatewayError)


def test_every_status_has_a_type() -> None:
    assert set(STATUS.values()) <= set(TYPE_BY_STATUS)


@pytest.mark.parametrize(("upstream", "client"), [(429, 429), (500, 500), (529, 529), (401, 502), (403, 502)])
def test_an_upstreams_status_is_kept_unless_it_is_about_the_gateways_own_key(
    upstream: int, client: int
) -> None:
    assert status_of(errors.UpstreamRejected("x", status=upstream)) == client


def test_no_healthy_providers_is_a_routing_error() -> None:
    assert type_of(errors.NoHealthyProviders("x")) == "routing_error"
