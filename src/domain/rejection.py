"""Why nothing was selected, as the one error that tells the client most."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.decision import Candidate, Rejection
from llm_gateway.domain.exclusion import Cause, Exclusion
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.shortlist import context_need

# The request field (hub name) by which a client asks for a capability.
_FIELD_OF_CAPABILITY = {
    Capability.STREAMING: "stream",
    Capability.TOOLS: "tools",
    Capability.PARALLEL_TOOLS: "parallel_tool_calls",
    Capability.VISION: "messages",
    Capability.AUDIO: "messages",
    Capability.FILES: "messages",
    Capability.JSON_OBJECT: "response_format",
    Capability.JSON_SCHEMA: "response_format",
    Capability.LOGPROBS: "logprobs",
    Capability.N: "n",
    Capability.REASONING: "reasoning_effort",
}
# What the caller's own wishes took away is not counted when asking what the rest failed for.
_WISHES: frozenset[Cause] = frozenset({"hint", "bound"})
_MOMENTARY: frozenset[Cause] = frozenset({"tried", "policy", "budget", "unavailable", "limit"})
_UNSUPPORTED: frozenset[Cause] = frozenset({"parameter", "capability"})

_BUSY_RETRY_S = 1.0  # calls end any moment; which one is next, nobody knows


def unknown_model(facts: RequestFacts, unserved: Sequence[tuple[str, str]]) -> Rejection:
    """There was no candidate at all."""
    message = f"The model `{facts.model}` does not exist"
    if unserved:
        message += f": {', '.join(provider_id for provider_id, _ in unserved)} does not serve it"
    return Rejection(code="model_not_found", message=message, param="model")


def nothing_configured() -> Rejection:
    """The snapshot has no provider: the operator's matter, whatever model was asked for."""
    return Rejection(code="no_healthy_providers", message="NoHealthyProviders: no provider is configured")


def all_excluded(
    facts: RequestFacts, exclusions: Sequence[Exclusion], left_out: Sequence[Candidate], health: HealthView
) -> Rejection:
    """Every candidate has an exclusion; the cases from the most to the least specific.

    1. parameters or capabilities that no candidate has   -> unsupported_parameter
    2. too long for every candidate                       -> context_length_exceeded
    3. denied by policy, all that could serve it          -> policy_denied
    4. cooling down, all that could serve it              -> rate_limit_exceeded
    5. anything else, or a mixture                        -> no_healthy_providers
    """
    able = [e for e in exclusions if e.cause not in _WISHES]
    if able and all(e.cause in _UNSUPPORTED for e in able):
        return _unsupported(able)
    if able and all(e.cause == "context" for e in able):
        return _too_long(facts, able)
    momentary = [e for e in able if e.cause in _MOMENTARY]
    if momentary and all(e.cause == "policy" for e in momentary):
        return Rejection(code="policy_denied", message="; ".join(dict.fromkeys(e.reason for e in momentary)))
    if momentary and all(_is_cooling(e) for e in momentary):
        return _cooling(momentary, health)
    if momentary and all(_is_full(e) for e in momentary):
        return _busy(momentary)
    return no_healthy_providers([(e.target.id, e.reason) for e in exclusions], left_out)


def no_healthy_providers(reasons: Sequence[tuple[str, str]], left_out: Sequence[Candidate]) -> Rejection:
    parts = [f"{target_id}: {reason}" for target_id, reason in reasons]
    parts += [f"{candidate.target.id}: {candidate.excluded}" for candidate in left_out]
    return Rejection(code="no_healthy_providers", message=f"NoHealthyProviders: {'; '.join(parts)}")


def _unsupported(able: Sequence[Exclusion]) -> Rejection:
    fields = [_field(exclusion) for exclusion in able]
    providers = dict.fromkeys(e.target.profile.target.provider_id for e in able)
    reasons = "; ".join(f"{e.target.id} {e.reason}" for e in able)
    return Rejection(
        code="unsupported_parameter",
        message=f"`{fields[0]}` is not supported by {', '.join(providers)} ({reasons})",
        param=fields[0],
    )


def _field(exclusion: Exclusion) -> str:
    subject = exclusion.subject or ""
    return _FIELD_OF_CAPABILITY[Capability(subject)] if exclusion.cause == "capability" else subject


def _too_long(facts: RequestFacts, able: Sequence[Exclusion]) -> Rejection:
    largest = max(e.target.profile.context_window or 0 for e in able)
    return Rejection(
        code="context_length_exceeded",
        message=(
            f"This request needs about {context_need(facts)} tokens "
            f"({facts.input_tokens} in the messages, {facts.max_output_tokens or 0} in the completion), "
            f"but the largest context window of `{facts.model}` is {largest} tokens"
        ),
        param="messages",
    )


def _is_cooling(exclusion: Exclusion) -> bool:
    return exclusion.cause == "unavailable" and exclusion.reason.startswith("cooldown")


def _is_full(exclusion: Exclusion) -> bool:
    return exclusion.cause == "unavailable" and exclusion.reason == "bulkhead_full"


def _busy(momentary: Sequence[Exclusion]) -> Rejection:
    """They are well and have as many calls as they may have: nothing that an operator has to mend."""
    targets = ", ".join(e.target.id for e in momentary)
    return Rejection(
        code="gateway_overloaded",
        message=f"Every provider has as many calls as its max_concurrent allows ({targets})",
        retry_after=_BUSY_RETRY_S,
    )


def _cooling(momentary: Sequence[Exclusion], health: HealthView) -> Rejection:
    waits = [health.of(e.target.id).retry_after for e in momentary]
    reasons = "; ".join(f"{e.target.id}: {e.reason}" for e in momentary)
    return Rejection(
        code="rate_limit_exceeded",
        message=f"All providers are cooling down after rate limits ({reasons})",
        retry_after=min((wait for wait in waits if wait is not None), default=None),
    )
