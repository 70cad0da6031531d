"""Dialect `anthropic.messages`: Anthropic's Messages API, translated from and to the hub.

Options it knows (`ProviderType.options`):
* `default_max_tokens` — the wire demands a limit; this one is sent when the client gave none. Default: the
  model's own limit where known, else its generation's.
* `structured_output` — `native` (`output_config.format`) or `tool` (a tool that the model is made to call).
  Default: what the model's name says.
"""

from __future__ import annotations

from llm_gateway.adapters.dialects.anthropic_messages.answer import read_answer
from llm_gateway.adapters.dialects.anthropic_messages.failure import read_failure
from llm_gateway.adapters.dialects.anthropic_messages.request import encode_request
from llm_gateway.adapters.dialects.anthropic_messages.stream import AnthropicMessagesStream


class AnthropicMessages:
    name = "anthropic.messages"
    encode = staticmethod(encode_request)
    answer = staticmethod(read_answer)
    stream = staticmethod(AnthropicMessagesStream)
    failure = staticmethod(read_failure)


__all__ = ["AnthropicMessages"]
