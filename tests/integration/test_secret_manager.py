"""Google Secret Manager, with a stand-in on loopback: rotation, refusals and an outage."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from llm_gateway.adapters.secret_store.google_secret_manager import GoogleSecretManager
from llm_gateway.application.ports.secret_store import SecretUnavailable
from tests.fakes.clock import FakeClock
from tests.fakes.secret_manager import TOKEN, SecretManagerStandIn, secret_manager

NAME = "openai-api-key"


@pytest.fixture
def google() -> Iterator[SecretManagerStandIn]:
    with secret_manager() as stand_in:
        stand_in.secrets[NAME] = ["first-value", "second-value"]
        yield stand_in


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(google: SecretManagerStandIn, clock: FakeClock) -> Iterator[GoogleSecretManager]:
    with httpx.Client(trust_env=False) as client:
        yield GoogleSecretManager("a-project", client, lambda: TOKEN, clock, service=google.url)


def value(store: GoogleSecretManager, name: str = NAME) -> str | None:
    found = store.read(name)
    return None if found is None else found.reveal()


def test_the_latest_version_or_the_one_that_is_named(store: GoogleSecretManager) -> None:
    assert value(store) == "second-value"
    assert value(store, f"{NAME}@1") == "first-value"
    assert value(store, f"{NAME}@9") is None


def test_what_was_read_is_kept_for_a_while(
    store: GoogleSecretManager, google: SecretManagerStandIn, clock: FakeClock
) -> None:
    assert value(store) == value(store) == "second-value"
    assert len(google.asked) == 1
    google.secrets[NAME].append("third-value")
    clock.advance(301)
    assert value(store) == "third-value"


@pytest.mark.parametrize(
    ("status", "said", "denied"),
    [
        (400, "disabled or destroyed", True),
        (401, "credentials", True),
        (500, "500", False),
        (429, "429", False),
    ],
)
def test_each_failure_says_what_it_is(
    store: GoogleSecretManager, google: SecretManagerStandIn, status: int, said: str, denied: bool
) -> None:
    google.status = status
    with pytest.raises(SecretUnavailable, match=said) as caught:
        store.read(NAME)
    assert caught.value.denied is denied


def test_a_missing_permission_names_the_role(
    store: GoogleSecretManager, google: SecretManagerStandIn
) -> None:
    google.denied.add(NAME)
    with pytest.raises(SecretUnavailable, match=r"secretmanager\.secretAccessor"):
        store.read(NAME)


def test_in_an_outage_the_last_value_stays(
    store: GoogleSecretManager, google: SecretManagerStandIn, clock: FakeClock
) -> None:
    """However long; a secret that was never read is an error."""
    assert value(store) == "second-value"
    google.status = 503
    clock.advance(100_000)
    assert value(store) == "second-value" and store.refresh() == ()
    with pytest.raises(SecretUnavailable):
        store.read("anthropic-api-key")


def test_nobody_there(clock: FakeClock) -> None:
    with httpx.Client(trust_env=False) as client:
        store = GoogleSecretManager("p", client, lambda: TOKEN, clock, service="http://127.0.0.1:9")
        with pytest.raises(SecretUnavailable, match="cannot be reached"):
            store.read(NAME)
