"""Shield: has LLM-Shield scan what the user wrote. The only peer that is shown any of a prompt."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

from typing_extensions import override

from llm_gateway.adapters.routing_constraints.json_peer import JsonPeer, headers_of
from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.application.ports.upstream_transport import UpstreamTransport
from llm_gateway.application.secret import Secret
from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.policy_verdict import PolicyVerdict, denial

NAME = "shield"
LONGEST_PROMPT = 100_000
_PATH = "/v1/scan/prompt"


class Shield(RoutingConstraints):
    """`now` gives Unix seconds. With a `secret` every call is signed for `caller_id`: hex HMAC-SHA256 over
    `<caller_id>|<issued_at>`."""

    def __init__(
        self,
        url: str,
        transport: UpstreamTransport,
        *,
        now: Callable[[], float],
        caller_id: str,
        secret: Secret | None = None,
    ) -> None:
        self._peer = JsonPeer(url, _PATH, transport, variable="SHIELD_URL")
        self._now = now
        self._caller_id = caller_id
        self._secret = secret
        self.name = NAME
        self.endpoint: str | None = self._peer.url
        self.looks_at: Literal["target", "prompt"] = "prompt"

    @override
    def subject(self, question: PolicyQuestion) -> Hashable | None:
        """A digest: the text itself is not kept. No text (images only, no messages), nothing to scan."""
        prompt = question.prompt
        return None if prompt is None or not prompt.text else prompt.digest

    @override
    async def judge(self, question: PolicyQuestion) -> PolicyVerdict:
        text = "" if question.prompt is None else question.prompt.text
        if _length(text) > LONGEST_PROMPT:
            # A part of it would be a verdict on that part, and everybody could write behind it.
            raise ConstraintsUnavailable("too_long", f"the prompt is longer than {LONGEST_PROMPT} characters")
        headers = [*headers_of(question.request_id, question.trace_id), *self._signature()]
        answer = await self._peer.post({"prompt": text}, headers)
        valid = answer.get("isValid")
        if valid is True:
            return PolicyVerdict(policy_id=NAME, effect="allow")
        if valid is False:
            return denial(NAME, "", _reason(answer))
        raise ConstraintsUnavailable("malformed", "its answer has no isValid")

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()

    def _signature(self) -> list[tuple[bytes, bytes]]:
        if not self._secret:
            return []
        issued_at = timestamp(self._now())
        message = f"{self._caller_id}|{issued_at}".encode()
        signature = hmac.new(self._secret.reveal().encode(), message, hashlib.sha256).hexdigest()
        return [
            (b"x-caller-id", self._caller_id.encode("latin-1", "replace")),
            (b"x-caller-issued-at", issued_at.encode()),
            (b"x-caller-signature", signature.encode()),
        ]


def _length(text: str) -> int:
    """In UTF-16 units, as services of the platform count; never less than characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _reason(answer: Mapping[str, Any]) -> str:
    """Of the answer only the score: what scanners found may quote the prompt."""
    score = answer.get("riskScore")
    if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 100:
        return f"the prompt did not pass the scan (risk score {score:g})"
    return "the prompt did not pass the scan"
