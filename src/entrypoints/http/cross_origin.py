"""CORS for the origins that the configuration lists; for none of them the application stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_TOLD = (
    "x-request-id",
    "x-decision-id",
    "x-gateway-provider",
    "x-gateway-model",
    "x-gateway-attempts",
    "x-gateway-dropped-params",
    "server-timing",
    "retry-after",
)


def cross_origin(app: Any, origins: Sequence[str]) -> Any:
    """`app`, an ASGI application, so that pages of `origins` may ask it and read what it answers.

    Without cookies: a key that a page has, it has to send itself. Requests without an `Origin` go past it.
    """
    if not origins:
        return app
    from starlette.middleware.cors import CORSMiddleware

    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=_TOLD,
    )
