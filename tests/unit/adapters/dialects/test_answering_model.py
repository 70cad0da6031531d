"""The name that an upstream gives of what answered, as every dialect reads it."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.ports.dialect import AnswerContext, Dialect

CONTEXT = AnswerContext(id="chatcmpl-1", created=1, model="asked-for")
OPENAI = (
    '{{"id":"c","object":"chat.completion","created":1,{}"choices":[{{"index":0,"message":'
    '{{"role":"assistant","content":"hi"}},"finish_reason":"stop"}}]}}'
)
OPENAI_STREAM = (
    'data: {{"id":"c","object":"chat.completion.chunk","created":1,{}"choices":[{{"index":0,'
    '"delta":{{"role":"assistant","content":"hi"}},"finish_reason":null}}]}}\n\n'
)
ANTHROPIC = (
    '{{"id":"m","type":"message","role":"assistant",{}"content":[{{"type":"text","text":"hi"}}],'
    '"stop_reason":"end_turn","usage":{{"input_tokens":1,"output_tokens":1}}}}'
)
ANTHROPIC_STREAM = (
    'event: message_start\ndata: {{"type":"message_start","message":{{"id":"m","type":"message",'
    '"role":"assistant",{}"content":[],"usage":{{"input_tokens":1,"output_tokens":1}}}}}}\n\n'
)
GOOGLE = (
    '{{{}"candidates":[{{"content":{{"role":"model","parts":[{{"text":"hi"}}]}},"finishReason":"STOP"}}]}}'
)
CASES = (
    (OpenAIChat(), '"model":"named",', OPENAI, OPENAI_STREAM),
    (AnthropicMessages(), '"model":"named",', ANTHROPIC, ANTHROPIC_STREAM),
    (GoogleGenerateContent(), '"modelVersion":"named",', GOOGLE, f"data: {GOOGLE}\n\n"),
)


@pytest.mark.parametrize(
    ("dialect", "member", "whole", "stream"), CASES, ids=lambda case: getattr(case, "name", "")
)
def test_it_is_the_upstreams_own_or_nobodys(dialect: Dialect, member: str, whole: str, stream: str) -> None:
    """What the client is told where the upstream names none was only asked for."""
    named = dialect.stream(CONTEXT)
    nameless = dialect.stream(CONTEXT)
    assert named.model is None
    named.feed(stream.format(member).encode())
    nameless.feed(stream.format("").encode())
    assert (named.failure, named.model, nameless.model) == (None, "named", None)
    assert dialect.answer(whole.format(member).encode(), CONTEXT).model == "named"
    assert dialect.answer(whole.format("").encode(), CONTEXT).model is None
