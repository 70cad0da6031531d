"""What translating a stream costs per event over passing one through: `python -m bench.translation`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.ports.dialect import AnswerContext, Dialect

EVENTS = 400
ROUNDS = 15
_CONTEXT = AnswerContext(id="chatcmpl-bench", created=1_700_000_000, model="bench")


def openai_stream() -> list[bytes]:
    def chunk(delta: dict[str, str], finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + json.dumps(body).encode() + b"\n\n"

    first = chunk({"role": "assistant", "content": ""}, None)
    return [first, *[chunk({"content": " word"}, None)] * EVENTS, chunk({}, "stop"), b"data: [DONE]\n\n"]


def anthropic_stream() -> list[bytes]:
    def event(kind: str, **members: object) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n".encode()

    usage = {"input_tokens": 5, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    delta = event("content_block_delta", index=0, delta={"type": "text_delta", "text": " word"})
    return [
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        *[delta] * EVENTS,
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": EVENTS}),
        event("message_stop"),
    ]


def google_stream() -> list[bytes]:
    def event(text: str, **more: str) -> bytes:
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **more}
        usage = {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 12}
        body = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r"}
        return b"data: " + json.dumps(body).encode() + b"\r\n\r\n"

    return [*[event(" word")] * EVENTS, event("", finishReason="STOP")]


def microseconds(dialect: Dialect, make: Callable[[], list[bytes]]) -> float:
    """CPU per event, the best of several rounds: everything else is the machine's."""
    pieces = make()
    best = float("inf")
    for _ in range(ROUNDS):
        reader = dialect.stream(_CONTEXT)
        started = time.process_time()
        for piece in pieces:
            reader.feed(piece)
        reader.close()
        best = min(best, time.process_time() - started)
        assert reader.failure is None and reader.finished
    return best / len(pieces) * 1e6


def main() -> None:
    passed = microseconds(OpenAIChat(), openai_stream)
    print(f"{'dialect':28}{'µs per event':>14}{'over passing through':>24}")
    print(f"{'openai.chat (passes)':28}{passed:14.2f}")
    for dialect, make in ((AnthropicMessages(), anthropic_stream), (GoogleGenerateContent(), google_stream)):
        cost = microseconds(dialect, make)
        print(f"{dialect.name:28}{cost:14.2f}{cost - passed:24.2f}")


if __name__ == "__main__":
    main()
