"""StreamState: what every chunk of one stream shares, and what its choices have said so far."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.openai_chat.choice_state import ChoiceState
from llm_gateway.adapters.dialects.openai_chat.chunk import Chunk
from llm_gateway.adapters.dialects.openai_chat.document import members, text, whole
from llm_gateway.application.ports.dialect import AnswerContext

OBJECT = "chat.completion.chunk"


class StreamState:
    """`prefix` keeps members of the chunks that came before the first choice: Azure's prompt annotations.
    `named` is the model as the upstream named it, `model` what chunks have that lack it."""

    __slots__ = ("_context", "choices", "created", "id", "model", "named", "prefix")

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self.id = ""
        self.created = 0
        self.model = ""
        self.named: str | None = None
        self.choices: dict[int, ChoiceState] = {}
        self.prefix: dict[str, Any] = {}

    def accepts(self, chunk: Chunk) -> bool:
        """Whether the chunk may go to the client as it is; if so it is noted."""
        if not chunk.id or (self.id and chunk.id != self.id):
            return False
        if self.prefix or chunk.created <= 0 or not chunk.model:
            return False
        choices = chunk.choices
        known = self.choices
        for choice in choices:
            if not known.get(choice.index, _NEW).accepts(choice):
                return False
        if not self.id:
            self.id, self.created = chunk.id, chunk.created
            self.model = self.named = chunk.model
        for choice in choices:
            self.choice(choice.index).note(choice)
        return True

    def is_continued_by(self, chunk: Chunk) -> bool:
        """Whether it would be accepted and teaches nothing: a known choice says more, and no usage."""
        choices = chunk.choices
        if len(choices) != 1 or chunk.id != self.id or chunk.usage is not None or chunk.x_groq:
            return False
        if chunk.created <= 0 or not chunk.model:
            return False
        state = self.choices.get(choices[0].index)
        return state is not None and state.is_continued_by(choices[0])

    def choice(self, index: int) -> ChoiceState:
        state = self.choices.get(index)
        if state is None:
            state = self.choices[index] = ChoiceState()
        return state

    def head(self, document: dict[str, Any]) -> dict[str, Any]:
        """Id, object, time and model for a chunk that has `document`'s, or lacks them."""
        context = self._context
        self.id = self.id or text(document.get("id")) or context.id
        created = whole(document.get("created")) or 0
        self.created = self.created or max(created, 0) or context.created
        model = text(document.get("model"))
        self.named = self.named or model
        self.model = self.model or model or context.model
        return {
            "id": self.id,
            "object": OBJECT,
            "created": self.created,
            "model": model or self.model,
        }

    def hold(self, document: dict[str, Any]) -> None:
        """Keep what a chunk without choices says for the first chunk that has one."""
        said = {
            name: value for name, value in members(document).items() if value not in (None, "", 0, [], {})
        }
        said.pop("choices", None)
        self.prefix.update(said)

    @property
    def unfinished(self) -> list[int]:
        return [index for index, state in self.choices.items() if state.finish_reason is None]

    @property
    def all_finished(self) -> bool:
        return bool(self.choices) and not self.unfinished

    @property
    def has_content(self) -> bool:
        """Whether any choice has said something, or ended."""
        return any(state.has_content or state.finish_reason for state in self.choices.values())


_NEW = ChoiceState()
