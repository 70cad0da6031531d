"""Service tiers as compatible servers word them (`on_demand`, `standard`, an empty text)."""

from __future__ import annotations

from typing import Any, get_args

from llm_gateway.adapters.dialects.openai_chat.wire import ServiceTier

_KNOWN = frozenset(get_args(ServiceTier))


def repaired_tier(tier: Any) -> str | None:
    """The tier where OpenAI's vocabulary has it; None for the words of others, which clients refuse."""
    return tier if isinstance(tier, str) and tier in _KNOWN else None
