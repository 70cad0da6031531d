"""Streams: GenerateContentResponse events as chat.completion.chunk events.

Google marks the end with a `finishReason`, but usage may follow, and old API versions send one with every
event, so the last one counts: the finish chunk, the usage chunk and `[DONE]` come out of `close()`, when the
upstream has ended. `finished` is True as soon as every choice has a finish reason; a malformed or error event
after that takes it back.
"""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.answer import block_message, created_at
from llm_gateway.adapters.dialects.google_generate_content.choice import Choice
from llm_gateway.adapters.dialects.google_generate_content.chunk import DONE, ChunkWriter
from llm_gateway.adapters.dialects.google_generate_content.citations import hub_annotations
from llm_gateway.adapters.dialects.google_generate_content.failure import failure_inside
from llm_gateway.adapters.dialects.google_generate_content.finish import blocked_prompt
from llm_gateway.adapters.dialects.google_generate_content.frames import EventTooLarge, Frames
from llm_gateway.adapters.dialects.google_generate_content.logprobs import hub_logprobs
from llm_gateway.adapters.dialects.google_generate_content.tool_call import BadPath
from llm_gateway.adapters.dialects.google_generate_content.usage import UsageMetadata, hub_usage, read_usage
from llm_gateway.adapters.dialects.google_generate_content.wire import (
    DECODE_ERRORS,
    Candidate,
    PromptFeedback,
    Response,
    decode_response,
    present,
)
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError, UpstreamMalformed
from llm_gateway.domain.usage import Usage


class GoogleStream:
    """Implements StreamReader."""

    __slots__ = (
        "_choices",
        "_closed",
        "_context",
        "_frames",
        "_usage",
        "_writer",
        "committed",
        "failure",
        "finish_reason",
        "finished",
        "model",
        "usage",
    )

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self._frames = Frames()
        self._writer: ChunkWriter | None = None  # made of the first event, which names id and model
        self._choices: dict[int, Choice] = {}
        self._usage: UsageMetadata | None = None
        self._closed = False
        self.committed = False
        self.finished = False
        self.failure: UpstreamError | None = None
        self.usage: Usage | None = None
        self.finish_reason: str | None = None
        self.model: str | None = None

    def feed(self, data: bytes) -> bytes:
        if self.failure is not None or self._closed:
            return b""
        try:
            documents = self._frames.feed(data)
        except EventTooLarge as exc:
            return self._fail(UpstreamMalformed(str(exc)))
        return self._take_all(documents)

    def close(self) -> bytes:
        if self.failure is not None or self._closed:
            return b""
        self._closed = True
        out = self._take_all(self._frames.close())
        if self.failure is not None:
            return out
        if self._frames.holding or not self.finished:
            return out + self._fail(UpstreamDisconnected("the upstream ended its stream before its end"))
        return out + self._end()

    def _fail(self, failure: UpstreamError) -> bytes:
        self.failure = failure
        self.finished = False
        return b""

    def _take_all(self, documents: list[bytes]) -> bytes:
        out = b""
        for document in documents:
            out += self._take(document)
            if self.failure is not None:
                break
        return out

    def _take(self, document: bytes) -> bytes:
        if document == b"[DONE]" or not document:
            return b""  # some proxies add OpenAI's end to Google's format
        try:
            response = decode_response(document)
            if error := present(response.error):
                return self._fail(failure_inside(error))
            return self._translate(response)
        except (*DECODE_ERRORS, BadPath):
            return self._fail(UpstreamMalformed("the upstream sent an event that is not a response"))

    def _translate(self, response: Response) -> bytes:
        usage = read_usage(present(response.usage_metadata))
        if usage is not None:  # Google repeats the running count: the last one stands
            self._usage = usage
            self.usage = usage.to_domain()
        writer = self._writer
        if writer is None:
            writer = self._writer = self._begin(response)
            self.model = response.model_version or None
        out = b""
        candidates = response.candidates
        if candidates:
            for position, candidate in enumerate(candidates):
                out += self._candidate(candidate, position, writer)
            self._note_end()
        elif response.prompt_feedback is not None:
            out = self._blocked(response.prompt_feedback, writer)
        return out

    def _note_end(self) -> None:
        """`finish_reason` is the first choice's."""
        self.finished = all(choice.native is not None for choice in self._choices.values())
        if self.finished:
            self.finish_reason = next(iter(self._choices.values())).finish_reason

    def _begin(self, response: Response) -> ChunkWriter:
        context = self._context
        return ChunkWriter(
            answer_id=response.response_id or context.id,
            created=created_at(response.create_time, context.created),
            model=response.model_version or context.model,
            include_usage=context.include_usage,
        )

    def _candidate(self, candidate: Candidate, position: int, writer: ChunkWriter) -> bytes:
        index = candidate.index if candidate.index is not None else position
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = Choice(index, writer.answer_id)
        if candidate.finish_reason is not None:
            choice.note_end(candidate)
            self.committed = self.committed or choice.native is not None
        content = candidate.content
        delta = choice.take(content.parts) if content is not None and content.parts else {}
        grounding, citations = present(candidate.grounding_metadata), present(candidate.citation_metadata)
        if (grounding or citations) and (found := hub_annotations(grounding, citations, choice.texts)):
            delta["annotations"] = found
        logprobs = hub_logprobs(present(candidate.logprobs_result))
        if not delta and logprobs is None:
            return b""
        self.committed = True
        return writer.delta(choice, delta, logprobs)

    def _blocked(self, feedback: PromptFeedback, writer: ChunkWriter) -> bytes:
        reason = blocked_prompt(feedback.block_reason)
        if reason is None:
            return b""
        if not self._choices:
            self._choices[0] = Choice(0, writer.answer_id)
        out = b""
        for choice in self._choices.values():
            choice.blocked, choice.native, choice.said = True, reason, True
            out += writer.delta(choice, {"refusal": block_message(feedback, reason)}, None)
        self.committed = True
        self._note_end()
        return out

    def _end(self) -> bytes:
        writer = self._writer
        if writer is None:
            return b""
        out = b""
        for choice in self._choices.values():
            rest: dict[str, Any] = choice.flush()
            if (refusal := choice.unsaid()) is not None:
                rest["refusal"] = refusal
            if rest:
                out += writer.delta(choice, rest, None)
            out += writer.finish(choice)
        if self._context.include_usage:
            out += writer.usage(hub_usage(self._usage))
        return out + DONE
