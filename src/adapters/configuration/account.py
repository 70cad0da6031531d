"""Provider entries put together with their provider type: what the file leaves out comes from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from llm_gateway.adapters.configuration.base_url import check_base_url
from llm_gateway.adapters.configuration.credential import (
    NO_CREDENTIAL,
    Credential,
    CredentialSources,
    customary,
    from_store,
    written,
)
from llm_gateway.adapters.configuration.problem import Path, Problem, nearest
from llm_gateway.adapters.configuration.provider_entry import ModelEntry, ProviderEntry, TimeoutsEntry
from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.adapters.upstream_transport.native.tls_settings import read_tls_settings
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.ports.upstream_transport import Timeouts, TlsSettings
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model

# Abilities that go without saying once another one is given.
_IMPLIED = {Capability.JSON_SCHEMA: Capability.JSON_OBJECT, Capability.PARALLEL_TOOLS: Capability.TOOLS}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBuilder:
    """`variable` names the variable that the whole value at a path came from, if it did.

    `report` is told what is wrong; an account whose type is unknown is left out.
    """

    types: Mapping[str, ProviderType]
    sources: CredentialSources
    variable: Callable[[Path], str | None]
    report: Callable[[Problem], None]

    def build(self, entry: ProviderEntry, path: Path) -> ProviderAccount | None:
        kind = self.types.get(entry.type)
        if kind is None:
            hint = nearest(entry.type, self.types) or f"one of {', '.join(sorted(self.types))}"
            reason = f"unknown provider type {entry.type!r}"
            self.report(Problem(path=(*path, "type"), reason=reason, hint=hint))
            return None
        credential = self._credential(entry, kind.credential, path)
        return ProviderAccount(
            id=entry.id,
            type=kind.name,
            dialect=kind.dialect,
            base_url=self._base_url(entry, kind, path),
            api_key=credential.key,
            credential_reference=credential.reference,
            credential_header=kind.credential.header,
            credential_scheme=kind.credential.scheme,
            credential_required=kind.credential.required,
            headers=tuple({**dict(kind.headers), **entry.headers}.items()),
            timeouts=_timeouts(entry.timeouts),
            tls=self._tls(entry, path),
            allow_link_local=entry.allow_link_local,
            models=kind.known_models if entry.models is None else _models(entry.models, kind),
            weight=entry.weight,
            priority=entry.priority,
            quota_group=entry.quota_group,
            max_concurrent=entry.max_concurrent,
            latency_tier=entry.latency_tier,
            capabilities=_capabilities(entry.capabilities) or kind.capabilities,
            unsupported_parameters=kind.unsupported_parameters | frozenset(entry.unsupported_parameters),
            drop_parameters=frozenset(entry.drop_parameters),
            options={**kind.options, **entry.options},
        )

    def _tls(self, entry: ProviderEntry, path: Path) -> TlsSettings | None:
        if entry.tls is None:
            return None
        at = (*path, "tls")
        if entry.tls.client_key and not entry.tls.client_certificate:
            self.report(Problem(path=(*at, "client_key"), reason="needs client_certificate beside it"))
            return None
        try:
            return read_tls_settings(
                ca_file=entry.tls.ca_file,
                client_certificate=entry.tls.client_certificate,
                client_key=entry.tls.client_key,
            )
        except ValueError as exc:
            self.report(Problem(path=at, reason=str(exc)))
            return None

    def _base_url(self, entry: ProviderEntry, kind: ProviderType, path: Path) -> str:
        at = (*path, "base_url")
        if not (entry.base_url or kind.base_url):
            self.report(Problem(path=at, reason=f"is required for type {kind.name!r}"))
            return ""
        try:
            return check_base_url(
                entry.base_url or kind.base_url or "", allow_link_local=entry.allow_link_local
            )
        except ValueError as exc:
            self.report(Problem(path=at, reason=str(exc)))
            return ""

    def _credential(self, entry: ProviderEntry, spec: CredentialSpec, path: Path) -> Credential:
        at = (*path, "api_key_secret" if entry.api_key_secret else "api_key")
        if entry.api_key and entry.api_key_secret:
            self.report(Problem(path=at, reason="stands beside api_key; give one of them"))
            return NO_CREDENTIAL
        try:
            found = self._look_up(entry, spec, path)
        except ValueError as exc:
            self.report(Problem(path=at, reason=str(exc)))
            return NO_CREDENTIAL
        if found.key is None and entry.api_key_secret:
            reason = f"the secret store has no {entry.api_key_secret!r}"
            self.report(Problem(path=at, reason=reason))
        elif found.key is None and spec.required:
            hint = f"set {spec.environment}" if spec.environment else "set api_key or api_key_secret"
            self.report(Problem(path=at, reason=f"no key for provider {entry.id!r}", hint=hint))
        return found

    def _look_up(self, entry: ProviderEntry, spec: CredentialSpec, path: Path) -> Credential:
        if entry.api_key_secret:
            return from_store(entry.api_key_secret, spec, self.sources)
        if entry.api_key:
            return written(entry.api_key, self.variable((*path, "api_key")))
        return customary(spec, self.sources)


def _timeouts(entry: TimeoutsEntry) -> Timeouts:
    given = {
        "connect": entry.connect,
        "first_byte": entry.first_byte,
        "idle": entry.idle,
        "total": entry.total,
    }
    return Timeouts(**{name: value for name, value in given.items() if value is not None})


def _models(entries: tuple[ModelEntry, ...], kind: ProviderType) -> tuple[Model, ...]:
    known = {model.name: model for model in kind.known_models}
    return tuple(_model(entry, known.get(entry.name)) for entry in entries)


def _model(entry: ModelEntry, known: Model | None) -> Model:
    """What the entry says, and for the rest what is known of a model of that name."""
    given = {
        "aliases": entry.aliases or None,
        "capabilities": _capabilities(entry.capabilities),
        "context_window": entry.context_window,
        "max_output_tokens": entry.max_output_tokens,
        "input_price": entry.input_price,
        "output_price": entry.output_price,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(known or Model(name=entry.name), **changes)  # type: ignore[arg-type]


def _capabilities(listed: tuple[Capability, ...] | None) -> frozenset[Capability] | None:
    if listed is None:
        return None
    implied = {_IMPLIED[capability] for capability in listed if capability in _IMPLIED}
    return frozenset(listed) | implied | {Capability.STREAMING}
