"""GatewayClient: the CLI's HTTP client. It shows what the gateway says, or ends with a true exit code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import httpx

from llm_gateway.entrypoints.cli.context import CliContext, fail
from llm_gateway.entrypoints.cli.exit_code import ExitCode

_TIMEOUT = httpx.Timeout(600.0, connect=5.0)
_CODES = {401: ExitCode.NO_PERMISSION, 403: ExitCode.NO_PERMISSION}


class GatewayClient:
    def __init__(self, context: CliContext) -> None:
        self._url = context.url.rstrip("/")
        headers = {"user-agent": "llm-gateway-cli"}
        if context.api_key:
            headers["authorization"] = f"Bearer {context.api_key}"
        try:
            self._client = httpx.Client(base_url=self._url, headers=headers, timeout=_TIMEOUT)
        except (httpx.InvalidURL, ValueError) as exc:
            fail(f"--url {self._url} is no URL: {exc}", ExitCode.USAGE)

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Any status; ends with 69 when nothing answers."""
        return self._send(
            "GET", path, params={key: value for key, value in query.items() if value is not None}
        )

    def get_json(self, path: str, **query: Any) -> Any:
        """The body of a 2xx answer; anything else ends the command with the gateway's own message."""
        return self._json(self.get(path, **query))

    def post_json(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._json(self._send("POST", path, json=body))

    @contextmanager
    def stream(self, path: str, body: Mapping[str, Any]) -> Iterator[httpx.Response]:
        try:
            with self._client.stream("POST", path, json=body) as response:
                if response.status_code != 200:
                    response.read()
                    refuse(response)
                yield response
        except httpx.TransportError as exc:
            self._unreachable(exc)
        except httpx.InvalidURL as exc:
            fail(f"--url {self._url} is no URL: {exc}", ExitCode.USAGE)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **more)
        except httpx.TransportError as exc:
            self._unreachable(exc)
        except httpx.InvalidURL as exc:
            fail(f"--url {self._url} is no URL: {exc}", ExitCode.USAGE)

    def _json(self, response: httpx.Response) -> Any:
        if not response.is_success:
            refuse(response)
        try:
            return response.json()
        except ValueError:
            fail(f"{self._url} answered something that is not JSON: is it an llm-gateway?")

    def _unreachable(self, exc: Exception) -> NoReturn:
        reason = str(exc) or type(exc).__name__
        fail(
            f"no gateway answers at {self._url} ({reason}); start one with `llm-gateway start`, "
            "or name it with --url or GATEWAY_URL",
            ExitCode.UNREACHABLE,
        )


def refuse(response: httpx.Response) -> NoReturn:
    """Ends the command with what an error answer says."""
    try:
        error = response.json()["error"]
        message = f"{error['message']} ({error.get('code') or error.get('type')})"
    except (ValueError, KeyError, TypeError):
        message = response.text[:500] or "no explanation"
    fail(f"HTTP {response.status_code}: {message}", _CODES.get(response.status_code, ExitCode.FAILURE))
