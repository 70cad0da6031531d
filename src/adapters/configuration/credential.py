"""Credentials of provider accounts: where a key is looked up, and the reference that stands for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec
from llm_gateway.application.ports.secret_store import SecretUnavailable
from llm_gateway.application.secret import Secret

SecretLookup = Callable[[str], str | None]
"""A secret's value by its name in the secret store, None when there is none. May block; raises
SecretUnavailable."""

_SENDABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """`reference` is `env:NAME`, `secret:name` or `inline:<fingerprint>`; empty without a key."""

    key: Secret | None = None
    reference: str = ""


NO_CREDENTIAL = Credential()


class LookupDenied(ValueError):
    """The secret store said no for good: it may hold the secret, this gateway does not get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSources:
    environment: Mapping[str, str]
    secret: SecretLookup


def no_secrets(name: str) -> str | None:
    """The secret store that knows nothing: the default."""
    return None


def written(value: str, variable: str | None) -> Credential:
    """A key that the file gives, directly or as one variable."""
    key = _sendable(value)
    if not key:
        return NO_CREDENTIAL
    reference = f"env:{variable}" if variable else f"inline:{key.fingerprint()}"
    return Credential(key=key, reference=reference)


def from_store(name: str, spec: CredentialSpec, sources: CredentialSources) -> Credential:
    """A key that the file names by its secret. The environment wins over the store for the type's own.

    Raises ValueError when the look-up fails, LookupDenied when trying again would not help.
    """
    if name == spec.secret:
        found = from_environment(spec, sources)
        if found.key:
            return found
    try:
        key = _sendable(sources.secret(name) or "")
    except SecretUnavailable as exc:
        raise (LookupDenied if exc.denied else ValueError)(str(exc)) from exc
    return Credential(key=key, reference=f"secret:{name}") if key else NO_CREDENTIAL


def customary(spec: CredentialSpec, sources: CredentialSources) -> Credential:
    """The type's own key: its environment variable, else its secret."""
    found = from_environment(spec, sources)
    if found.key or spec.secret is None:
        return found
    return from_store(spec.secret, spec, sources)


def from_environment(spec: CredentialSpec, sources: CredentialSources) -> Credential:
    key = _sendable(sources.environment.get(spec.environment, "")) if spec.environment else None
    return Credential(key=key, reference=f"env:{spec.environment}") if key else NO_CREDENTIAL


def _sendable(value: str) -> Secret | None:
    """The key without the white space that files and secret stores like to add.

    Raises ValueError when a header could not carry it.
    """
    key = value.strip()
    if key and not _SENDABLE.fullmatch(key):
        raise ValueError("holds a character that a header cannot carry")
    return Secret(key) if key else None
