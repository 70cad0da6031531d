"""Port RoutingConstraints: a peer that says which targets a request may be routed to."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, Protocol

from llm_gateway.application.prompt_text import PromptText
from llm_gateway.domain.policy_verdict import PolicyVerdict
from llm_gateway.domain.principal import ANONYMOUS, Principal

Failure = Literal["timeout", "unreachable", "status", "malformed", "too_long"]


class ConstraintsUnavailable(Exception):
    """A question that got no verdict. The message says why in a few words and never holds a prompt, a key or
    an answer's body. `too_long` is the question's fault, everything else the peer's."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyQuestion:
    """One request as far as a peer may know it, and one of its candidates.

    `provider_type` and `model` are the candidate's; empty for a peer that looks at the prompt.
    `max_tokens` is the most that an answer can have, None where nobody knows. `prompt` is None for a route
    request that brings no messages.
    """

    caller: Principal = ANONYMOUS
    tenant: str | None = None
    request_id: str
    trace_id: str | None = None
    provider_type: str = ""
    model: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    prompt: PromptText | None = None


class RoutingConstraints(Protocol):
    """Called by StandingVerdicts, which keeps verdicts, bounds the time, and does with a failure what
    configuration says.

    `name` begins every policy id of its verdicts and is a label of metrics; `endpoint` is where, for
    people, None: nowhere. `looks_at`: asked about each candidate, or about the request's prompt once.
    """

    name: str
    endpoint: str | None
    looks_at: Literal["target", "prompt"]

    def subject(self, question: PolicyQuestion) -> Hashable | None:
        """Everything in the question that the verdict can depend on; equal subjects share a verdict. None:
        there is nothing to judge. Never the prompt itself."""
        ...

    async def judge(self, question: PolicyQuestion) -> PolicyVerdict:
        """`allow` or `deny`. Raises ConstraintsUnavailable. Cancelling it closes the connection it uses."""
        ...

    async def aclose(self) -> None:
        """Close its connections. Idempotent."""
        ...
