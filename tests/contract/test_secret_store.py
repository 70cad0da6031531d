"""What every SecretStore does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from llm_gateway.adapters.secret_store.directory import DirectorySecretStore
from llm_gateway.adapters.secret_store.environment import EnvironmentSecretStore
from llm_gateway.adapters.secret_store.first_of import FirstOf
from llm_gateway.adapters.secret_store.google_secret_manager import GoogleSecretManager
from llm_gateway.adapters.secret_store.null import NullSecretStore
from llm_gateway.application.ports.secret_store import SecretStore
from tests.fakes.clock import FakeClock
from tests.fakes.secret_manager import TOKEN, secret_manager
from tests.fakes.secret_store import FakeSecretStore

Put = Callable[[str], None]
NAME = "openai-api-key"


@pytest.fixture(params=["directory", "google", "fake", "first of"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[SecretStore, Put]]:
    """A store, and a way to put another value of the secret into it."""
    if request.param == "google":
        with secret_manager() as stand_in, httpx.Client(trust_env=False) as client:
            store = GoogleSecretManager("a-project", client, lambda: TOKEN, FakeClock(), service=stand_in.url)
            yield store, lambda value: stand_in.secrets.setdefault(NAME, []).append(value)
        return
    if request.param == "fake":
        fake = FakeSecretStore()
        yield fake, lambda value: fake.values.update({NAME: value})
        return
    directory = DirectorySecretStore(tmp_path)
    store = directory if request.param == "directory" else FirstOf([NullSecretStore(), directory])

    def put(value: str) -> None:
        (tmp_path / NAME).write_text(f"{value}\n")

    yield store, put


def test_a_secret_that_is_not_there_is_none(kept: tuple[SecretStore, Put]) -> None:
    assert kept[0].read(NAME) is None


def test_a_secret_is_read_and_does_not_show(kept: tuple[SecretStore, Put]) -> None:
    store, put = kept
    put("value-1")
    found = store.read(NAME)
    assert found is not None and found.reveal() == "value-1"
    assert "value-1" not in f"{found!r} {found} {store!r}"


def test_a_rotation_is_told_once_and_read_from_then_on(kept: tuple[SecretStore, Put]) -> None:
    store, put = kept
    put("value-1")
    store.read(NAME)
    assert store.refresh() == ()
    put("value-2")
    assert store.refresh() == (NAME,)
    found = store.read(NAME)
    assert found is not None and found.reveal() == "value-2"
    assert store.refresh() == ()


@pytest.mark.parametrize("name", ["", ".", "..", "../secret", "a/b", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_secret(kept: tuple[SecretStore, Put], name: str) -> None:
    assert kept[0].read(name) is None


@pytest.mark.parametrize("store", [NullSecretStore(), EnvironmentSecretStore({"OTHER": "x"})])
def test_stores_that_never_change(store: SecretStore) -> None:
    assert store.read(NAME) is None and store.refresh() == ()


def test_the_environment_wins() -> None:
    """By the secret's name in capitals."""
    environment = EnvironmentSecretStore({"OPENAI_API_KEY": "from-environment"})
    found = FirstOf([environment, FakeSecretStore({NAME: "from-store"})]).read(NAME)
    assert found is not None and found.reveal() == "from-environment"
