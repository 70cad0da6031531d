"""Which dialect a request's target belongs to."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from llm_gateway.entrypoints.lab.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.entrypoints.lab.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.entrypoints.lab.dialects.openai_chat import OpenAIChat
from llm_gateway.entrypoints.lab.wire import Wire

_BY_PATH: dict[str, Wire] = {
    "/v1/chat/completions": OpenAIChat(),
    "/v1/messages": AnthropicMessages(),
}
_GOOGLE: Wire = GoogleGenerateContent()
# v1beta is what the documentation shows, v1 what the client asks for since google-genai 3.
_GOOGLE_PATH = re.compile(
    r"/v1(?:beta)?/models/(?P<model>[^?]+):(?P<method>generateContent|streamGenerateContent)"
)


class Endpoint(NamedTuple):
    """`model` and `stream` where the target names them, which is Google's way."""

    wire: Wire
    model: str | None = None
    stream: bool | None = None


def endpoint(target: bytes) -> Endpoint | None:
    """The endpoint of a target (path and query as sent); None when it is not one of the lab's.

    A Google stream is one only with `alt=sse`: its other form, one long JSON array, is not spoken.
    """
    path, _, query = target.decode("latin-1").partition("?")
    if (wire := _BY_PATH.get(path)) is not None:
        return Endpoint(wire)
    if (match := _GOOGLE_PATH.fullmatch(path)) is None:
        return None
    stream = match["method"] == "streamGenerateContent"
    if stream and "alt=sse" not in query.split("&"):
        return None
    return Endpoint(_GOOGLE, unquote(match["model"]), stream)
