"""PolicyEngine: asks LLM-Policy-Engine whether a caller may use a model of a provider."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Literal

from typing_extensions import override

from llm_gateway.adapters.routing_constraints.json_peer import JsonPeer, headers_of
from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.application.ports.upstream_transport import UpstreamTransport
from llm_gateway.domain.policy_verdict import PolicyVerdict, denial

NAME = "policy-engine"
_PATH = "/v1/policy-engine/enforce"
_EXECUTE = "model:execute"
# The engine knows anthropic, openai, google and azure; it denies every other word, which is its verdict.
_PROVIDERS = {"azure_openai": "azure", "azure_openai_entra": "azure"}


class PolicyEngine(RoutingConstraints):
    """`project` and `environment` are this service's. What is not known is left out of the question."""

    def __init__(self, url: str, transport: UpstreamTransport, *, project: str, environment: str) -> None:
        self._peer = JsonPeer(url, _PATH, transport, variable="POLICY_ENGINE_URL")
        self._project = {"id": project, "environment": environment}
        self.name = NAME
        self.endpoint: str | None = self._peer.url
        self.looks_at: Literal["target", "prompt"] = "target"

    @override
    def subject(self, question: PolicyQuestion) -> Hashable:
        caller = question.caller
        return (
            caller.id,
            caller.scopes,
            question.tenant,
            _PROVIDERS.get(question.provider_type, question.provider_type),
            question.model,
            question.max_tokens,
            question.temperature,
        )

    @override
    async def judge(self, question: PolicyQuestion) -> PolicyVerdict:
        headers = headers_of(question.request_id, question.trace_id)
        answer = await self._peer.post({"context": self._context(question)}, headers)
        data = answer.get("data")
        if answer.get("success") is not True or not isinstance(data, Mapping):
            raise ConstraintsUnavailable("malformed", "its answer has no verdict")
        allowed = data.get("allowed")
        if allowed is True:
            return PolicyVerdict(policy_id=NAME, effect="allow")
        if allowed is False:
            return _denial(data)
        raise ConstraintsUnavailable("malformed", "its answer has no verdict")

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()

    def _context(self, question: PolicyQuestion) -> dict[str, Any]:
        caller = question.caller
        llm = {
            "provider": _PROVIDERS.get(question.provider_type, question.provider_type),
            "model": question.model,
            "max_tokens": question.max_tokens,
            "temperature": question.temperature,
        }
        context: dict[str, Any] = {
            "llm": {name: value for name, value in llm.items() if value is not None},
            "user": {
                "id": caller.id,
                "roles": sorted(caller.scopes),
                "permissions": [_EXECUTE] if caller.may("inference") else [],
            },
            "project": self._project,
        }
        if question.tenant is not None:
            context["team"] = {"id": question.tenant}
        return context


def _denial(data: Mapping[str, Any]) -> PolicyVerdict:
    """The first violated rule that can be read; the engine's rationale where it names none."""
    rules, rationale = data.get("violated_rules"), _text(data.get("decision_rationale"))
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, Mapping) and isinstance(rule.get("rule_id"), str):
            return denial(NAME, rule["rule_id"], _text(rule.get("reason")) or rationale)
    return denial(NAME, "", rationale)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
