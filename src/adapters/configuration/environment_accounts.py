"""Accounts without a file: one provider for each provider key that is known, and the lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llm_gateway.adapters.configuration.credential import CredentialSources, LookupDenied, customary
from llm_gateway.adapters.provider_kit.provider_type import ProviderType
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.provider import Model

LAB_ID = "lab"


def environment_accounts(
    types: Mapping[str, ProviderType], sources: CredentialSources
) -> tuple[ProviderAccount, ...]:
    """In order of type name. Types that need no key, or a base URL of one's own, take a file.

    Raises ConfigurationError for a key that no header can carry; it names the variable, not the value.
    """
    accounts = []
    for kind in sorted(types.values(), key=lambda kind: kind.name):
        if kind.base_url is None or not kind.credential.required:
            continue
        try:
            credential = customary(kind.credential, sources)
        except LookupDenied:
            continue  # nobody asked for this provider: a gateway need not be let at every secret
        except ValueError as exc:
            raise ConfigurationError(f"{kind.credential.environment}: {exc}") from exc
        if credential.key is not None:
            accounts.append(
                ProviderAccount(
                    id=kind.name,
                    type=kind.name,
                    dialect=kind.dialect,
                    base_url=kind.base_url,
                    api_key=credential.key,
                    credential_reference=credential.reference,
                    credential_header=kind.credential.header,
                    credential_scheme=kind.credential.scheme,
                    headers=kind.headers,
                    models=kind.known_models,
                    capabilities=kind.capabilities,
                    unsupported_parameters=kind.unsupported_parameters,
                    options=kind.options,
                )
            )
    return tuple(accounts)


def lab_account(kind: ProviderType, base_url: str, models: Iterable[str]) -> ProviderAccount:
    """The built-in upstream as a provider called `lab`; `kind` is the type that speaks its dialect.

    `models` are the names that clients ask for (`lab/echo`), globs allowed; the lab knows itself by them.
    """
    return ProviderAccount(
        id=LAB_ID,
        type=kind.name,
        dialect=kind.dialect,
        base_url=base_url,
        credential_required=False,
        models=tuple(Model(name=name) for name in models),
        capabilities=kind.capabilities,
        unsupported_parameters=kind.unsupported_parameters,
        options=kind.options,
    )
