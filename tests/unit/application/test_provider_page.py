"""ProviderPage."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.provider_page import ProviderPage
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.target import Target


def provider(*models: str, max_concurrent: int | None = None) -> Provider:
    listed = tuple(Model(name=model) for model in models)
    return Provider(id="a", type="t", dialect="d", models=listed, max_concurrent=max_concurrent)


def page(*models: str) -> ProviderPage:
    return ProviderPage("a", provider(*models), policy=BreakerPolicy(), cooldown=CooldownPolicy())


def test_lists_named_models_only() -> None:
    """A pattern stands for names nobody has said yet."""
    assert page("x", "y*").listed() == [Target("a", "x")]


def test_a_new_configuration_keeps_what_it_still_lists() -> None:
    """Records of dropped models go, the limit is the new one."""
    old = page("x", "y")
    kept, _ = old.add(Target("a", "x")), old.add(Target("a", "y"))
    old.revise(provider("x", max_concurrent=7), BreakerPolicy())
    assert old.records == {"a/x": kept}
    assert old.load.limit == 7


def test_a_pattern_may_still_mean_any_record() -> None:
    """Nothing is dropped."""
    old = page("x")
    old.add(Target("a", "x"))
    old.revise(provider("z*"), BreakerPolicy())
    assert set(old.records) == {"a/x"}


def test_the_same_account_is_recognised() -> None:
    """A page without configuration is nobody's."""
    unknown = ProviderPage("a", None, policy=BreakerPolicy(), cooldown=CooldownPolicy())
    moved = replace(provider("x"), base_url="https://elsewhere.example")
    assert page("x").same_account(provider("y"))
    assert not page("x").same_account(moved)
    assert not unknown.same_account(provider("x"))


def test_joining_a_group_takes_every_record_along() -> None:
    """Those there are and those to come."""
    old, group = page("x", "y"), Cooldown(CooldownPolicy(), "org")
    first = old.add(Target("a", "x"))
    old.join(group)
    assert first.group is old.add(Target("a", "y")).group is group
