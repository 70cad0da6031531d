"""Recorded OpenAI-style traffic: of OpenAI, Azure and compatible providers."""

from __future__ import annotations

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from tests.integration.recordings import Recordings

OPENAI = Recordings(dialect=OpenAIChat(), collection="openai-chat", hub="passed_through", cut_below=2500)
