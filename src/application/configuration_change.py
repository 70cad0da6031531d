"""ConfigurationChange: one parameter's change as the optimizer asks for it, and a set of them on a base."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

ChangeType = Literal["replace", "add", "remove", "update"]


class Unstated:
    """The old value was not said, which is not the same as null."""

    def __repr__(self) -> str:
        return "UNSTATED"


UNSTATED: Final = Unstated()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChange:
    """`parameter` such as `providers.openai.weight`; values are plain JSON. A stated `old_value` must be the
    one in force, or the change is refused."""

    parameter: str
    new_value: Any = None
    old_value: Any = field(default=UNSTATED)
    change_type: ChangeType = "replace"

    def document(self) -> dict[str, Any]:
        """Plain JSON; `from_document` is its inverse."""
        document = {
            "parameter": self.parameter,
            "new_value": self.new_value,
            "change_type": self.change_type,
        }
        return document if self.old_value is UNSTATED else {**document, "old_value": self.old_value}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ConfigurationChange:
        return cls(
            parameter=document["parameter"],
            new_value=document.get("new_value"),
            old_value=document.get("old_value", UNSTATED),
            change_type=document.get("change_type", "replace"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationOverlay:
    """Changes in order, valid only on the configuration text with the digest `base`: who edits the file has
    the last word.

    `events` are the webhooks that have been taken in, newest last, so that none is taken in twice: they
    outlive the base, and a revert.
    """

    base: str
    changes: tuple[ConfigurationChange, ...]
    events: tuple[str, ...] = ()
