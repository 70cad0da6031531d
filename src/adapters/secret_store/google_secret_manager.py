"""GoogleSecretManager: secrets of a Google Cloud project, over the service's REST interface.

`GET /v1/projects/{project}/secrets/{name}/versions/{version}:access`
https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from typing_extensions import override

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.secret_store import SecretStore, SecretUnavailable
from llm_gateway.application.secret import Secret

SERVICE = "https://secretmanager.googleapis.com"
_FRESH_S = 300.0
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
_log = logging.getLogger("llm_gateway.secrets")

AccessToken = Callable[[], str]
"""An OAuth 2 access token. Blocks; raises SecretUnavailable."""


@dataclass(frozen=True, slots=True)
class _Read:
    """`version` is the number that `latest` stood for; `at` is the monotonic time of the reading."""

    value: Secret | None
    version: str
    at: float


class GoogleSecretManager(SecretStore):
    """A secret's name may be followed by `@<version>`; without it the latest enabled one is meant.

    What was read is kept for five minutes, and for as long as the service cannot be reached. Safe to use
    from several threads.
    """

    def __init__(
        self, project: str, client: httpx.Client, token: AccessToken, clock: Clock, *, service: str = SERVICE
    ) -> None:
        self._project = project
        self._client = client
        self._token = token
        self._clock = clock
        self._service = service.rstrip("/")
        self._reads: dict[str, _Read] = {}
        self._lock = threading.Lock()

    @override
    def read(self, name: str) -> Secret | None:
        with self._lock:
            before = self._reads.get(name)
            if before is not None and self._clock.monotonic() - before.at < _FRESH_S:
                return before.value
            try:
                found = self._access(name)
            except SecretUnavailable as exc:
                if before is None or before.value is None or exc.denied:
                    raise
                _log.warning("secret kept as it was", extra={"secret": name, "reason": str(exc)})
                return before.value
            self._reads[name] = found
            return found.value

    @override
    def refresh(self) -> tuple[str, ...]:
        changed = []
        with self._lock:
            for name, before in list(self._reads.items()):
                try:
                    found = self._access(name)
                except SecretUnavailable as exc:
                    _log.warning("secret not refreshed", extra={"secret": name, "reason": str(exc)})
                    continue
                self._reads[name] = found
                if found.value != before.value:
                    changed.append(name)
                    _log.info("secret rotated", extra={"secret": name, "version": found.version})
        return tuple(changed)

    def _access(self, name: str) -> _Read:
        secret, _, version = name.partition("@")
        if not _NAME.fullmatch(secret) or (version and not _NAME.fullmatch(version)):
            return _Read(None, "", self._clock.monotonic())
        where = f"projects/{quote(self._project, safe='')}/secrets/{secret}/versions/{version or 'latest'}"
        headers = {"authorization": f"Bearer {self._token()}"}
        try:
            answer = self._client.get(f"{self._service}/v1/{where}:access", headers=headers)
        except httpx.HTTPError as exc:
            reason = f"Secret Manager cannot be reached for {name!r}: {type(exc).__name__}"
            raise SecretUnavailable(reason) from exc
        if answer.status_code == 404:
            return _Read(None, "", self._clock.monotonic())
        if answer.status_code != 200:
            raise self._refusal(name, answer.status_code)
        value, full_name = _payload(name, answer)
        return _Read(value, full_name.rpartition("/")[2], self._clock.monotonic())

    def _refusal(self, name: str, status: int) -> SecretUnavailable:
        secret = f"secret {name!r} of project {self._project!r}"
        if status == 400:
            # The state of a version: FAILED_PRECONDITION is answered with 400.
            return SecretUnavailable(f"{secret}: the version is disabled or destroyed", denied=True)
        if status == 401:
            return SecretUnavailable(f"{secret}: Secret Manager did not take the credentials", denied=True)
        if status == 403:
            return SecretUnavailable(
                f"{secret}: no permission; grant roles/secretmanager.secretAccessor to the service account",
                denied=True,
            )
        return SecretUnavailable(f"{secret}: Secret Manager answered {status}")


def _payload(name: str, answer: httpx.Response) -> tuple[Secret, str]:
    """The value and the version's full name. The answer is never quoted: it may hold the value."""
    try:
        document = answer.json()
        text = base64.b64decode(document["payload"]["data"], validate=True).decode("utf-8").strip()
        return Secret(text), str(document["name"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise SecretUnavailable(f"Secret Manager's answer for {name!r} cannot be read") from None
