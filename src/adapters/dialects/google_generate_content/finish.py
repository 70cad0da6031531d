"""Finish reasons: Google's words and numbers in OpenAI's vocabulary.

Source: google-genai `FinishReason`, `BlockedReason`; the numbers are those of Vertex AI's
`Candidate.FinishReason` in google.cloud.aiplatform.v1, which is where numbers are seen.
"""

from __future__ import annotations

_NAMES = (
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MODEL_ARMOR",
)
_BLOCKED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
        "MODEL_ARMOR",
    }
)
_CUT = frozenset({"MAX_TOKENS", "CONTINUATION"})
# The model called a function that nobody declared: the call is passed on, but not as one to be executed.
_NOT_TO_BE_EXECUTED = frozenset({"UNEXPECTED_TOOL_CALL"})


def native_name(reason: str | int | None) -> str | None:
    """The provider's own word; None while the model has not stopped."""
    if isinstance(reason, int):
        reason = _NAMES[reason] if 0 <= reason < len(_NAMES) else "OTHER"
    return None if not reason or reason.endswith("_UNSPECIFIED") else reason


def hub_finish(native: str | None, *, called: bool) -> str:
    """`called` says that the choice holds tool calls. Words that are not known yet end as `stop`."""
    if native in _BLOCKED:
        return "content_filter"
    if native in _CUT:
        return "length"
    return "tool_calls" if called and native not in _NOT_TO_BE_EXECUTED else "stop"


def blocked_prompt(reason: str | int | None) -> str | None:
    """The word for why a prompt was blocked, None when it was not."""
    if isinstance(reason, int):
        return "BLOCKED" if reason else None
    return None if not reason or reason.endswith("_UNSPECIFIED") else reason
