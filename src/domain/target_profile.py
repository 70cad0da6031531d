"""TargetProfile: everything that routing knows about one target, computed once."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.rendezvous import lane
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_cost import price_per_token

# What the way to the model decides, not the model: a model's own list does not have to repeat it.
_TRANSPORT = frozenset({Capability.STREAMING})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetProfile:
    """`lane` feeds rendezvous hashing; prices are attodollars per token, None when unknown.

    `certainty` says how the model name was recognised (see confidence.py).
    """

    target: Target
    id: str
    provider: Provider
    capabilities: frozenset[Capability]
    context_window: int | None
    max_output_tokens: int | None
    prices: tuple[int, int] | None
    lane: bytes
    certainty: float


def profile_of(provider: Provider, model: Model | None, name: str, certainty: float) -> TargetProfile:
    """`model` describes `name`, or is None when the provider accepts any name unseen."""
    target = Target(provider.id, name)
    return TargetProfile(
        target=target,
        id=target.id,
        provider=provider,
        capabilities=_capabilities(provider, model),
        context_window=model.context_window if model else None,
        max_output_tokens=model.max_output_tokens if model else None,
        prices=_prices(model),
        lane=lane(target.id),
        certainty=certainty,
    )


def _capabilities(provider: Provider, model: Model | None) -> frozenset[Capability]:
    if model is None or model.capabilities is None:
        return provider.capabilities
    return provider.capabilities & (model.capabilities | _TRANSPORT)


def _prices(model: Model | None) -> tuple[int, int] | None:
    if model is None or model.input_price is None or model.output_price is None:
        return None
    return price_per_token(model.input_price), price_per_token(model.output_price)
