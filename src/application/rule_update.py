"""RuleUpdate: what the optimizer's webhook asks for, read from the text that it has signed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, get_args

from llm_gateway.application.configuration_change import UNSTATED, ChangeType, ConfigurationChange
from llm_gateway.domain.canonical_json import LARGEST_INTEGER
from llm_gateway.domain.errors import ConfigurationError, InvalidRequest

# It is kept in the configuration's history and shown by the CLI.
_EVENT_ID: Final = re.compile(r"[!-~]{1,128}")
_CHANGE_TYPES: Final[tuple[ChangeType, ...]] = get_args(ChangeType)
# What LLM-Auto-Optimizer tells every target that has not filtered it out; these ask nothing of a gateway.
_NOTICES: Final = frozenset(
    {
        "optimization.triggered",
        "optimization.completed",
        "optimization.failed",
        "model.switched",
        "threshold.exceeded",
        "cost.alert",
        "performance.degraded",
        "error.occurred",
        "health.check",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUpdate:
    """`event_id` identifies the webhook however often it is sent; no `changes`: a notice, nothing to do."""

    event_id: str
    event_type: str
    changes: tuple[ConfigurationChange, ...] = ()


def read_rule_update(text: str) -> RuleUpdate:
    """Raises InvalidRequest for an envelope that is not the contract's (contracts.md §7), ConfigurationError
    (path, others) for changes that are not."""
    envelope = _envelope(text)
    event_id, event_type, data = envelope.get("id"), envelope.get("eventType"), envelope.get("data")
    if not isinstance(event_id, str) or not _EVENT_ID.fullmatch(event_id):
        raise InvalidRequest("id: must be 1 to 128 printable ASCII characters", param="id")
    if not isinstance(event_type, str):
        raise InvalidRequest("eventType: must be text", param="eventType", code="invalid_type")
    if not isinstance(data, dict):
        raise InvalidRequest("data: must be an object", param="data", code="invalid_type")
    if "changes" in data:
        return RuleUpdate(event_id=event_id, event_type=event_type, changes=_changes(data["changes"]))
    if event_type not in _NOTICES:
        raise ConfigurationError(
            "data.changes: is missing, and the eventType is not one that goes without", path="data.changes"
        )
    return RuleUpdate(event_id=event_id, event_type=event_type)


def _envelope(text: str) -> dict[str, Any]:
    try:
        envelope = json.loads(text, parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidRequest("the body must be JSON", code="invalid_json") from None
    if not isinstance(envelope, dict):
        raise InvalidRequest("the body must be a JSON object", code="invalid_type")
    return envelope


def _number(text: str) -> int | float:
    """JavaScript has one kind of number: 30.0 is 30."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _changes(documents: Any) -> tuple[ConfigurationChange, ...]:
    """All of them, or ConfigurationError with everything that is wrong with any."""
    if not isinstance(documents, list) or not documents:
        raise ConfigurationError("data.changes: must be a list of changes", path="data.changes")
    if not _is_unicode(documents):
        raise ConfigurationError("data.changes: must not hold lone surrogates", path="data.changes")
    changes, mistakes = [], []
    for index, document in enumerate(documents):
        try:
            changes.append(_change(document, f"data.changes[{index}]"))
        except ConfigurationError as exc:
            mistakes.append(exc)
    if mistakes:
        raise ConfigurationError(mistakes[0].message, path=mistakes[0].path, others=tuple(mistakes[1:]))
    return tuple(changes)


def _is_unicode(value: Any) -> bool:
    """Whether it can be stored: JSON's escapes can spell half a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _change(document: Any, path: str) -> ConfigurationChange:
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path}: must be an object", path=path)
    parameter, change_type = document.get("parameter"), document.get("change_type", "replace")
    if not isinstance(parameter, str) or not parameter:
        raise ConfigurationError(f"{path}.parameter: must be text", path=f"{path}.parameter")
    if change_type not in _CHANGE_TYPES:
        known = ", ".join(_CHANGE_TYPES)
        raise ConfigurationError(f"{path}.change_type: must be one of {known}", path=f"{path}.change_type")
    if "new_value" not in document and change_type != "remove":
        raise ConfigurationError(f"{path}.new_value: is missing", path=f"{path}.new_value")
    return ConfigurationChange(
        parameter=parameter,
        new_value=document.get("new_value"),
        old_value=document.get("old_value", UNSTATED),
        change_type=change_type,
    )
