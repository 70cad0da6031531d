"""Provider: a configured upstream account, as far as routing may know it."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.capability import Capability


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of a provider.

    `name` is the provider's own name and may be a glob (`gpt-4o*`): then it stands for every name that
    matches and lists nothing. Prices are decimal strings, USD per million tokens. `capabilities` None
    means unknown: the provider's are assumed.
    """

    name: str
    aliases: tuple[str, ...] = ()
    capabilities: frozenset[Capability] | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_price: str | None = None
    output_price: str | None = None

    @property
    def is_pattern(self) -> bool:
        return "*" in self.name or "?" in self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`weight` > 0 and `priority` (lower first) feed the strategies.

    `unsupported_parameters` are request parameters (hub names, e.g. `logit_bias`) that it cannot honour:
    a request that uses one with a non-neutral value does not go there, unless the name is also in
    `droppable_parameters`. `models` empty means: any model name is passed on as it is.
    """

    id: str
    type: str
    dialect: str
    models: tuple[Model, ...] = ()
    weight: int = 100
    priority: int = 100
    quota_group: str | None = None
    max_concurrent: int | None = None
    capabilities: frozenset[Capability] = frozenset(Capability)
    unsupported_parameters: frozenset[str] = frozenset()
    droppable_parameters: frozenset[str] = frozenset()
    latency_tier: int | None = None
    base_url: str = ""
    credential_reference: str = ""
