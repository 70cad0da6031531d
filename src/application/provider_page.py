"""ProviderPage: the health book's records of one provider's targets, and what they share."""

from __future__ import annotations

from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.provider_load import ProviderLoad, account
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_record import TargetRecord


class ProviderPage:
    """`provider` None stands for one that only a request on an older snapshot still knows."""

    __slots__ = ("_cooldown", "_policy", "group", "load", "provider", "records")

    def __init__(
        self, provider_id: str, provider: Provider | None, *, policy: BreakerPolicy, cooldown: CooldownPolicy
    ) -> None:
        self._policy = policy
        self._cooldown = cooldown
        self.provider = provider
        self.load = ProviderLoad(provider_id, provider.max_concurrent if provider else None)
        self.group: Cooldown | None = None
        self.records: dict[str, TargetRecord] = {}

    def add(self, target: Target) -> TargetRecord:
        record = TargetRecord(
            target, self.load, policy=self._policy, cooldown=self._cooldown, group=self.group
        )
        self.records[record.id] = record
        return record

    def listed(self) -> list[Target]:
        """The targets that configuration names; a model pattern names none."""
        if self.provider is None:
            return []
        return [
            Target(self.provider.id, model.name) for model in self.provider.models if not model.is_pattern
        ]

    def same_account(self, provider: Provider) -> bool:
        return self.provider is not None and account(self.provider) == account(provider)

    def revise(self, provider: Provider, policy: BreakerPolicy) -> None:
        """Take over a new configuration of the same account; targets it no longer has are dropped."""
        self.provider = provider
        self._policy = policy
        self.load.limit = provider.max_concurrent
        if provider.models and not any(model.is_pattern for model in provider.models):
            names = {target.id for target in self.listed()}
            self.records = {key: record for key, record in self.records.items() if key in names}
        for record in self.records.values():
            record.revise(policy)

    def join(self, group: Cooldown | None) -> None:
        """From now on the page's targets share the cooldown of `group`, or none."""
        self.group = group
        for record in self.records.values():
            record.group = group
