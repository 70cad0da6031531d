"""ChoiceState: what a stream has said so far of one of its choices."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.adapters.dialects.openai_chat.chunk import CallFragment, Choice


class ChoiceState:
    """`spoke` is True after the delta that had the role. Calls are numbered from 0 without a gap;
    `places` maps the upstream's numbers to the calls that they meant last."""

    __slots__ = ("call_ids", "call_names", "finish_reason", "has_content", "places", "spoke")

    def __init__(self) -> None:
        self.spoke = False
        self.has_content = False
        self.finish_reason: str | None = None
        self.call_ids: list[str] = []
        self.call_names: list[str] = []
        self.places: dict[int, int] = {}

    def open_call(self, number: int | None, identifier: str, name: str) -> None:
        """A further call; `number` is the upstream's index of it."""
        if number is not None:
            self.places[number] = len(self.call_ids)
        self.call_ids.append(identifier)
        self.call_names.append(name)

    def accepts(self, choice: Choice) -> bool:
        """Whether the choice continues this one as OpenAI would: role, ids and names once, one end."""
        delta = choice.delta
        if (delta.role is None) is not self.spoke:
            return False
        if choice.finish_reason is not None and self.finish_reason is not None:
            return False
        if delta.reasoning and not delta.reasoning_content:
            return False
        return not delta.tool_calls or self._accepts_calls(delta.tool_calls)

    def is_continued_by(self, choice: Choice) -> bool:
        """Whether it would be accepted and `note` would learn nothing: more text, or more of a call."""
        delta = choice.delta
        if not self.has_content or not self.spoke or delta.role is not None:
            return False
        if choice.finish_reason is not None or delta.reasoning:
            return False
        calls = delta.tool_calls
        return not calls or (not any(call.id for call in calls) and self._accepts_calls(calls))

    def note(self, choice: Choice) -> None:
        """Take an accepted choice."""
        delta = choice.delta
        self.spoke = True
        if choice.finish_reason is not None:
            self.finish_reason = choice.finish_reason
        if not self.has_content:
            self.has_content = delta.has_content
        for call in delta.tool_calls or ():
            if call.id and call.function is not None and call.function.name:
                self.open_call(call.index, call.id, call.function.name)

    def _accepts_calls(self, calls: Sequence[CallFragment]) -> bool:
        count = len(self.call_ids)
        for call in calls:
            function = call.function
            if function is None:
                return False
            if call.index == count and call.id and call.type and function.name:
                if function.arguments is None or call.id in self.call_ids:
                    return False
                count += 1
            elif call.id is not None or function.name or not self._is_open(call.index, count):
                return False
        return True

    def _is_open(self, index: int, count: int) -> bool:
        return 0 <= index < count and self.places.get(index, index) == index
