"""GoogleAccessToken: application default credentials (metadata server or a file) through google-auth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import google.auth
import httpx
from google.auth import exceptions, transport

from llm_gateway.application.ports.secret_store import SecretUnavailable

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TIMEOUT_S = 5.0


class GoogleAccessToken:
    """Callable; a token is used until google-auth says that it is about to expire. Not thread-safe."""

    def __init__(self, client: httpx.Client) -> None:
        self._request = _HttpxRequest(client)
        self._credentials: Any = None

    def __call__(self) -> str:
        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=[_SCOPE], request=self._request)
            if not self._credentials.valid:
                self._credentials.refresh(self._request)
        except exceptions.DefaultCredentialsError as exc:
            raise SecretUnavailable(
                "no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS or run where a metadata server is",
                denied=True,
            ) from exc
        except exceptions.GoogleAuthError as exc:
            raise SecretUnavailable(f"no Google access token: {type(exc).__name__}") from exc
        return str(self._credentials.token)


class _Response(transport.Response):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class _HttpxRequest(transport.Request):
    """google-auth's transport on httpx, which the gateway has anyway."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Response:
        try:
            answer = self._client.request(
                method, url, content=body, headers=dict(headers or {}), timeout=timeout or _TIMEOUT_S
            )
        except httpx.HTTPError as exc:
            raise exceptions.TransportError(type(exc).__name__) from exc  # type: ignore[no-untyped-call]
        return _Response(answer)
