"""Tool calls that bend OpenAI's schema: ids, indices, types and names missing, repeated or shared."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.openai_chat.choice_state import ChoiceState
from llm_gateway.adapters.dialects.openai_chat.document import members, text, write_document


def repaired_fragments(calls: list[Any], state: ChoiceState, stem: str) -> list[dict[str, Any]]:
    """The fragments of one delta; notes in `state` which calls they open.

    Clients append what a later fragment says to what they have, so an id, a name or a type that is said
    again would be doubled: it is left out. `stem` begins the ids of calls that have none.
    """
    return [_fragment(call, state, stem) for call in calls if isinstance(call, dict)]


def repaired_calls(calls: list[Any], stem: str) -> list[dict[str, Any]]:
    """The calls of a whole answer."""
    return [_whole(call, f"{stem}_{at}") for at, call in enumerate(calls) if isinstance(call, dict)]


def repaired_function(function: Any) -> dict[str, Any]:
    """A whole call's function: arguments are JSON text, `{}` when there are none."""
    fields = members(function)
    return {**fields, "name": text(fields.get("name")) or "", "arguments": _arguments(fields) or "{}"}


def _fragment(call: dict[str, Any], state: ChoiceState, stem: str) -> dict[str, Any]:
    function = members(call.get("function"))
    identifier, name = text(call.get("id")), text(function.get("name"))
    arguments = _arguments(function) or ""
    sent = call.get("index")
    number = sent if isinstance(sent, int) and not isinstance(sent, bool) else None
    index = _continued(state, number, identifier, name)
    if index is not None:
        named = {} if not name or name == state.call_names[index] else {"name": name}
        return {"index": index, "function": {**named, "arguments": arguments}}
    index = len(state.call_ids)
    if identifier is None or identifier in state.call_ids:
        identifier = f"{stem}_{index}"
    state.open_call(number, identifier, name or "")
    opened = {**call, "index": index, "id": identifier, "type": "function"}
    return {**opened, "function": {**function, "name": name or "", "arguments": arguments}}


def _continued(
    state: ChoiceState, number: int | None, identifier: str | None, name: str | None
) -> int | None:
    """The call that a fragment continues; None when it opens one.

    1. a number not seen before, with a name, opens a call;  2. an id that is known is its call;
    3. a new id with a name opens one, even under a number that is taken (some servers number all of them 0);
    4. a known number is its last call;  5. without a number, id or name open one, else the last goes on.
    """
    if number is not None and number not in state.places and name:
        return None
    if identifier in state.call_ids:
        return state.call_ids.index(identifier)
    if identifier and name:
        return None
    if number is not None:
        return state.places.get(number)
    if identifier or name or not state.call_ids:
        return None
    return len(state.call_ids) - 1


def _whole(call: dict[str, Any], identifier: str) -> dict[str, Any]:
    call = {**call, "id": text(call.get("id")) or identifier}
    if call.get("type") == "custom" and isinstance(call.get("custom"), dict):
        return call
    return {**call, "type": "function", "function": repaired_function(call.get("function"))}


def _arguments(function: dict[str, Any]) -> str | None:
    value = function.get("arguments")
    if value is None or isinstance(value, str):
        return value
    return write_document(value).decode()
