"""Contents: the hub's messages as Google's `contents` and `systemInstruction`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.media import media_part
from llm_gateway.adapters.dialects.google_generate_content.model_turn import model_parts
from llm_gateway.adapters.dialects.google_generate_content.thinking import takes_media_in_results
from llm_gateway.domain.errors import InvalidRequest

_CARRIED_BY_PARTS = frozenset({"inlineData", "fileData"})


class ContentsWriter:
    """`take` messages in order; then `contents` and `system` are what Google gets.

    System and developer messages all become the system instruction, wherever they stood: Google has no other
    place. Results of parallel calls become one turn, as Google demands.
    """

    def __init__(self, model: str) -> None:
        self.contents: list[dict[str, Any]] = []
        self.system: list[dict[str, Any]] = []
        self._model = model
        self._names: dict[str, str] = {}  # tool call id -> function name
        self._results: list[dict[str, Any]] | None = None  # parts of the turn that collects tool results

    def take(self, message: Any, param: str) -> None:
        """Raises InvalidRequest naming the field."""
        if not isinstance(message, Mapping):
            raise InvalidRequest("a message must be an object", param=param)
        role = message.get("role")
        if role in ("tool", "function"):
            self._take_result(message, param)
            return
        self._results = None
        if role in ("system", "developer"):
            self.system += content_parts(message.get("content"), f"{param}.content")
        elif role == "user":
            parts = content_parts(message.get("content"), f"{param}.content")
            self.contents.append({"role": "user", "parts": parts or [{"text": ""}]})
        elif role == "assistant":
            parts = model_parts(message, self._names, self._model, param)
            self.contents.append({"role": "model", "parts": parts or [{"text": ""}]})
        else:
            raise InvalidRequest(f"role {role!r} is not known", param=f"{param}.role")

    def _take_result(self, message: Mapping[str, Any], param: str) -> None:
        call = message.get("tool_call_id")
        name = self._names.get(call) if isinstance(call, str) else None
        name = name or message.get("name")
        if not isinstance(name, str) or not name:
            message_text = "this result answers no tool call of the messages before it"
            raise InvalidRequest(message_text, param=f"{param}.tool_call_id")
        parts = content_parts(message.get("content"), f"{param}.content")
        text = "".join(part["text"] for part in parts if "text" in part)
        media = [part for part in parts if part.keys() & _CARRIED_BY_PARTS]
        response: dict[str, Any] = {"name": name, "response": _as_object(text)}
        if isinstance(call, str) and call:
            response["id"] = call
        if self._results is None:
            self._results = []
            self.contents.append({"role": "user", "parts": self._results})
        if media and takes_media_in_results(self._model):
            response["parts"], media = media, []
        self._results.append({"functionResponse": response})
        self._results += media  # older models see them beside the result


def content_parts(content: Any, param: str) -> list[dict[str, Any]]:
    """Google's parts for a message's `content`: a string, a list of parts, or null. Raises InvalidRequest."""
    if content is None:
        return []
    if isinstance(content, str):
        return [{"text": content}] if content else []
    if not isinstance(content, list):
        raise InvalidRequest("content must be a string or a list of parts", param=param)
    return [_part(part, f"{param}[{number}]") for number, part in enumerate(content)]


def _part(part: Any, param: str) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, Mapping):
        for kind in ("text", "refusal"):
            if part.get("type") == kind and isinstance(part.get(kind), str):
                return {"text": part[kind]}
        media = media_part(part, param)
        if media is not None:
            return media
    raise InvalidRequest("this content part cannot be said to Google", param=param)


def _as_object(text: str) -> Any:
    """A result that is a JSON object goes as it is, byte for byte; anything else as Google's `output`."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        try:
            msgspec.json.decode(stripped)
        except (msgspec.DecodeError, RecursionError):
            return {"output": text}
        raw = msgspec.Raw(stripped.encode())
        return raw if stripped[0] == "{" else {"output": raw}
    return {"output": text}
