"""Recorded Messages API traffic."""

from __future__ import annotations

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from tests.integration.recordings import Recordings

ANTHROPIC = Recordings(
    dialect=AnthropicMessages(),
    collection="anthropic-messages",
    exact_usage="prompt",
    # They hold several messages; the hub has one.
    unfinished=frozenset({"a513a544b914", "3954bff84685", "2ec964c9c208"}),
)
