"""Log probabilities: Google's logprobsResult as OpenAI's `choices[].logprobs`."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.wire import DECODE_ERRORS


class Token(msgspec.Struct, rename="camel"):
    token: str = ""
    log_probability: float = 0.0


class Alternatives(msgspec.Struct):
    candidates: list[Token] | None = None


class LogprobsResult(msgspec.Struct, rename="camel"):
    """`chosen_candidates` and `top_candidates` run in step, one entry per generated token."""

    chosen_candidates: list[Token] | None = None
    top_candidates: list[Alternatives] | None = None


def hub_logprobs(raw: bytes) -> dict[str, Any] | None:
    """None when absent or not readable."""
    if not raw:
        return None
    try:
        result = msgspec.json.decode(raw, type=LogprobsResult)
    except DECODE_ERRORS:
        return None
    if not result.chosen_candidates:
        return None
    top = result.top_candidates or []
    content = []
    for position, chosen in enumerate(result.chosen_candidates):
        alternatives = top[position].candidates or [] if position < len(top) else []
        content.append({**_token(chosen), "top_logprobs": [_token(token) for token in alternatives]})
    return {"content": content, "refusal": None}


def _token(token: Token) -> dict[str, Any]:
    return {
        "token": token.token,
        "logprob": token.log_probability,
        "bytes": list(token.token.encode("utf-8", "surrogatepass")),
    }
