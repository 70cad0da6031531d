"""Dialect `openai.chat`: OpenAI chat completions, which is also the hub; conforming bytes pass through.

Options it knows (`ProviderType.options`, `options` of a provider in the configuration):
* `path` — request path, default `/chat/completions`, relative to the base URL.
* `api_version` — sent as the query parameter `api-version` (Azure).
* `deployment_path` — the path when `api_version` is a date; `{deployment}` stands for the deployment.
* `deployments` — deployment by model name; a model that is not in it is a deployment's name itself.
* `stream_usage` — the upstream understands `stream_options.include_usage`; default True. When False,
  `stream_options` is never sent.
* `max_tokens_field` — `max_tokens` or `max_completion_tokens` when only one of the two is understood.
* `rename` — the upstream's name by hub parameter (`seed: random_seed`).
* `omit` — parameters that it refuses even with a neutral value; what is not neutral never gets here, when
  the provider type also says that it does not support them.
* `omit_from_messages` — members of messages that it refuses.
* `developer_role` — the upstream knows the role; default True. When False it is sent as `system`.
"""

from __future__ import annotations

from llm_gateway.adapters.dialects.openai_chat.answer import read_answer
from llm_gateway.adapters.dialects.openai_chat.failure import read_failure
from llm_gateway.adapters.dialects.openai_chat.request import encode_request
from llm_gateway.adapters.dialects.openai_chat.stream import OpenAIChatStream


class OpenAIChat:
    name = "openai.chat"
    encode = staticmethod(encode_request)
    answer = staticmethod(read_answer)
    stream = staticmethod(OpenAIChatStream)
    failure = staticmethod(read_failure)


__all__ = ["OpenAIChat"]
