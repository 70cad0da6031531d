"""Providers without a file."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.configuration.credential import CredentialSources, no_secrets
from llm_gateway.adapters.configuration.environment_accounts import environment_accounts, lab_account
from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from tests.fakes.provider_types import PROVIDER_TYPES

LAB = lab_account(PROVIDER_TYPES["openai_compatible"], "http://127.0.0.1:9/v1", ["lab/echo", "lab/cut@*"])


def accounts(
    environment: dict[str, str], secrets: dict[str, str] | None = None
) -> tuple[ProviderAccount, ...]:
    sources = CredentialSources(environment=environment, secret=(secrets or {}).get)
    return environment_accounts(PROVIDER_TYPES, sources)


def test_each_key_makes_a_provider_of_its_type() -> None:
    """With everything that the type knows."""
    (account,) = accounts({"OPENAI_API_KEY": " k\n", "UNRELATED": "x"})
    assert (account.id, account.type, account.credential_reference) == (
        "openai",
        "openai",
        "env:OPENAI_API_KEY",
    )
    assert account.api_key is not None
    assert account.api_key.reveal() == "k"
    assert account.headers == (("x-from-type", "yes"),)


def test_keys_in_the_secret_store_make_providers_too() -> None:
    """By the customary name of the secret."""
    assert [a.credential_reference for a in accounts({}, {"anthropic-api-key": "k"})] == [
        "secret:anthropic-api-key"
    ]


@pytest.mark.parametrize("environment", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": "  "}])
def test_no_key_no_provider(environment: dict[str, str]) -> None:
    """A type that needs no key is not there by itself either."""
    assert accounts(environment) == ()


def test_a_key_that_cannot_be_sent_names_its_variable() -> None:
    """And not its value."""
    with pytest.raises(ConfigurationError, match=r"^OPENAI_API_KEY: holds a character"):
        accounts({"OPENAI_API_KEY": "a b"})


def test_the_lab_is_a_provider_called_lab() -> None:
    """Its models are reached as `lab/echo`; faults are reached through globs."""
    snapshot = _reader(LAB).read("", "x").configuration.snapshot()
    assert list(snapshot.providers) == ["lab"]
    assert LAB.usable
    assert [model.id for model in snapshot.models()] == ["lab/echo"]


@pytest.mark.parametrize(
    ("model", "target"),
    [("lab/echo", "lab/lab/echo"), ("lab/cut@7", "lab/lab/cut@7"), ("lab/nonsense", None), ("gpt-4o", None)],
)
def test_the_lab_answers_only_for_its_own_models(model: str, target: str | None) -> None:
    """A mistyped name of a real model never ends in a made-up answer."""
    snapshot = _reader(LAB).read("", "x").configuration.snapshot()
    selected = Router().decide(RequestFacts(model=model), snapshot, HealthView()).selected
    assert (selected.id if selected else None) == target


def test_an_embedded_account_steps_back_for_a_configured_one() -> None:
    """The file's own `lab` wins."""
    text = "providers: [{id: lab, type: openai_compatible, base_url: 'http://x'}]"
    (account,) = _reader(LAB).read(text, "x").configuration.providers
    assert account.base_url == "http://x"


def _reader(embedded: ProviderAccount) -> ConfigurationReader:
    sources = CredentialSources(environment={}, secret=no_secrets)
    return ConfigurationReader(types=PROVIDER_TYPES, sources=sources, embedded=(embedded,))
