"""Probes, as load balancers and orchestrators send them."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize("path", ["/health", "/healthz", "/live", "/livez", "/ready", "/readyz"])
def test_head_is_get_without_a_body(http: httpx.Client, path: str) -> None:
    """The same status and length; the connection stays in step for what follows."""
    asked, probed = http.get(path), http.head(path)
    assert (probed.status_code, probed.content) == (asked.status_code, b"")
    assert probed.headers["content-length"] == asked.headers["content-length"]
    assert http.get(path).json() == asked.json()


def test_head_is_not_in_the_openapi_document(http: httpx.Client) -> None:
    """One operation a path: clients are generated from it."""
    assert set(http.get("/openapi.json").json()["paths"]["/ready"]) == {"get"}


def test_an_explicit_model_is_answered(http: httpx.Client) -> None:
    """`lab/<model>` for each that is listed."""
    listed = http.get("/v1/models").json()["data"][0]
    explicit = http.get(f"/v1/models/{listed['owned_by']}/{listed['id']}").json()
    assert explicit == {**listed, "id": f"{listed['owned_by']}/{listed['id']}"}
