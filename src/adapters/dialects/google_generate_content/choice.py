"""Choice: one candidate on its way into the hub, part by part; plain answers and streams share it."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.finish import hub_finish, native_name
from llm_gateway.adapters.dialects.google_generate_content.signature import FORMAT, signed
from llm_gateway.adapters.dialects.google_generate_content.tool_call import (
    PartialArguments,
    arguments_of,
    call_id,
)
from llm_gateway.adapters.dialects.google_generate_content.wire import (
    Blob,
    Candidate,
    FunctionCall,
    Part,
    present,
)

# Citations need the text that they point into; a stream keeps no more of it than this many characters.
_CITATION_WINDOW = 64 * 1024


class Choice:
    """`take` turns parts into the fields of a hub message or delta and remembers what they add up to.

    `native` is Google's finish reason once there is one, `texts` the visible text of each part.
    """

    __slots__ = (
        "_calls",
        "_detail",
        "_id",
        "_images",
        "_kept",
        "_open",
        "_open_ordinal",
        "_thinking",
        "blocked",
        "finish_message",
        "index",
        "native",
        "said",
        "started",
        "texts",
    )

    def __init__(self, index: int, answer_id: str) -> None:
        self.index = index
        self.started = False  # whether a delta with the role has gone out
        self.said = False  # whether anything at all came
        self.blocked = False  # by what was asked, whatever Google's word for it
        self.native: str | None = None
        self.finish_message: str | None = None
        self.texts: list[str] = []
        self._kept = 0
        self._id = answer_id
        self._calls = 0
        self._images = 0
        self._detail = 0
        self._thinking = False
        self._open: PartialArguments | None = None
        self._open_ordinal = 0

    @property
    def finish_reason(self) -> str:
        return "content_filter" if self.blocked else hub_finish(self.native, called=self._calls > 0)

    def note_end(self, candidate: Candidate) -> None:
        native = native_name(candidate.finish_reason)
        if native is not None:
            self.native = native
            self.finish_message = candidate.finish_message or self.finish_message

    def take(self, parts: list[Part]) -> dict[str, Any]:
        """Raises BadPath and msgspec.DecodeError for arguments that are not what the protocol says.

        Fields that may come: content, reasoning_content, reasoning_details, tool_calls (with `index`),
        images, audio, extra_content.
        """
        delta: dict[str, Any] = {}
        for part in parts:
            self._take(part, delta)
        if delta:
            self.said = True
        return delta

    def flush(self) -> dict[str, Any]:
        """What a call still holds whose end never came."""
        delta: dict[str, Any] = {}
        self._close_call(delta)
        return delta

    def unsaid(self) -> str | None:
        """Google's explanation of a stop that left the choice empty; the hub's place for it is `refusal`."""
        return self.finish_message if not self.said and self.native != "STOP" else None

    def _take(self, part: Part, delta: dict[str, Any]) -> None:
        text = part.text or ""
        if part.thought and part.function_call is None:
            self._keep("")
            self._think(text, part.thought_signature, delta)
            return
        self._thinking = False
        self._keep(text)
        if text:
            delta["content"] = delta["content"] + text if "content" in delta else text
        if part.function_call is not None:
            self._call(part.function_call, part.thought_signature, delta)
        elif part.inline_data is not None:
            self._media(part.inline_data, part.thought_signature, delta)
        elif not text and (other := _other(part)) is not None:
            google = delta.setdefault("extra_content", {"google": {"parts": []}})["google"]
            google["parts"].append(other)
        elif part.thought_signature:
            self._sign(part.thought_signature, None, delta)

    def _keep(self, text: str) -> None:
        if self._kept < _CITATION_WINDOW:
            self.texts.append(text)
            self._kept += len(text) + 1

    def _think(self, text: str, signature: str | None, delta: dict[str, Any]) -> None:
        if text:
            delta["reasoning_content"] = delta.get("reasoning_content", "") + text
        if not text and not signature:
            return
        if not self._thinking:
            self._thinking = True
            self._detail += 1
        detail = {"type": "reasoning.text", "text": text, "format": FORMAT, "index": self._detail - 1}
        if signature:
            detail["signature"] = signature
            self._thinking = False
        details = delta.setdefault("reasoning_details", [])
        details.append(detail)

    def _sign(self, signature: str, tool_call_id: str | None, delta: dict[str, Any]) -> None:
        detail = {
            "type": "reasoning.encrypted",
            "data": signature,
            "format": FORMAT,
            "id": tool_call_id,
            "index": self._detail,
        }
        self._detail += 1
        delta.setdefault("reasoning_details", []).append(detail)

    def _call(self, call: FunctionCall, signature: str | None, delta: dict[str, Any]) -> None:
        if call.name:
            self._close_call(delta)
            self._begin(call, signature, delta)
        elif self._open is None:
            return  # a nameless call that continues nothing says nothing
        if self._open is not None:
            for arg in call.partial_args or ():
                self._open.take(arg)
            if not call.will_continue:
                self._close_call(delta)

    def _begin(self, call: FunctionCall, signature: str | None, delta: dict[str, Any]) -> None:
        ordinal = self._calls
        self._calls += 1
        identity = call.id or call_id(self._id, self.index, ordinal)
        partial = bool(call.will_continue or call.partial_args)
        if partial:
            self._open, self._open_ordinal = PartialArguments(call), ordinal
        function = {"name": call.name, "arguments": "" if partial else arguments_of(call)}
        tool_call = {"index": ordinal, "id": identity, "type": "function", "function": function}
        delta.setdefault("tool_calls", []).append(signed(tool_call, signature))
        if signature:
            self._sign(signature, identity, delta)

    def _close_call(self, delta: dict[str, Any]) -> None:
        if self._open is None:
            return
        text, self._open = self._open.text, None
        calls = delta.setdefault("tool_calls", [])
        for call in calls:
            if call["index"] == self._open_ordinal:
                call["function"]["arguments"] = text
                return
        calls.append({"index": self._open_ordinal, "function": {"arguments": text}})

    def _media(self, blob: Blob, signature: str | None, delta: dict[str, Any]) -> None:
        """Sound goes where OpenAI has it; pictures and files go where OpenRouter and others put them."""
        kind, data = blob.mime_type or "application/octet-stream", blob.data or ""
        if kind.startswith("audio/"):
            audio = delta.setdefault("audio", {"id": f"audio_{self._id}", "data": ""})
            audio["data"] += data
            return
        url = f"data:{kind};base64,{data}"
        image = {"type": "image_url", "image_url": {"url": url}, "index": self._images}
        self._images += 1
        delta.setdefault("images", []).append(signed(image, signature))


def _other(part: Part) -> dict[str, Any] | None:
    """A part that the hub has no words for, kept as it is so that a following turn can bring it back."""
    found: dict[str, Any] = {}
    for name, raw in (
        ("executableCode", part.executable_code),
        ("codeExecutionResult", part.code_execution_result),
        ("toolCall", part.tool_call),
        ("toolResponse", part.tool_response),
    ):
        text = present(raw)
        if text:
            found[name] = msgspec.Raw(text)
    if found and part.thought_signature:
        found["thoughtSignature"] = part.thought_signature
    return found or None
