"""What a request needs and what a model has, as one closed vocabulary."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """A yes/no ability of a model behind a provider. Sizes (context window) are numbers elsewhere."""

    STREAMING = "streaming"
    TOOLS = "tools"
    PARALLEL_TOOLS = "parallel_tools"
    VISION = "vision"
    AUDIO = "audio"
    FILES = "files"
    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"
    LOGPROBS = "logprobs"
    N = "n"
    REASONING = "reasoning"
