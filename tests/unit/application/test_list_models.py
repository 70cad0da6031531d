"""The model ids that clients may ask for."""

from __future__ import annotations

import pytest

from llm_gateway.application.list_models import ListModels
from llm_gateway.domain.errors import ModelNotFound
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.unit.domain.routing_examples import provider


@pytest.fixture
def models() -> ListModels:
    snapshot = RoutingSnapshot.build(providers=[provider("a", "m"), provider("b", "m")])
    return ListModels(FakeCurrentSnapshot(snapshot))


def test_a_bare_name_belongs_to_the_first_provider(models: ListModels) -> None:
    """As it would be routed."""
    assert models.one("m").owned_by == "a"


def test_an_explicit_name_belongs_to_its_provider(models: ListModels) -> None:
    """Its id is the name that was asked for; the list does not grow by it."""
    found = models.one("b/m")
    assert (found.id, found.owned_by) == ("b/m", "b")
    assert [listed.id for listed in models.all()] == ["m"]


@pytest.mark.parametrize("name", ["x", "b/x", "c/m", "b/"])
def test_another_name_is_not_found(models: ListModels, name: str) -> None:
    """ModelNotFound, explicit or not."""
    with pytest.raises(ModelNotFound):
        models.one(name)
