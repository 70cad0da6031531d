"""ChatScene: CompleteChat on fakes: scripted upstreams, no socket, a clock that stands still."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.adapters.provider_kit.provider_accounts import ProviderAccounts
from llm_gateway.application.chat_call import ChatCall
from llm_gateway.application.complete_chat import CompleteChat
from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.ports.dialect import Dialect
from llm_gateway.application.ports.routing_constraints import RoutingConstraints
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.provider_slots import ProviderSlots
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.application.standing_verdicts import PolicyTerms, StandingVerdicts
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.errors import GatewayError
from llm_gateway.domain.provider import Model
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.retry_budget import RetryBudget
from llm_gateway.domain.retry_policy import RetryPolicy
from tests.fakes.answer_channel import FakeAnswerChannel
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.execution_policy import FakeExecutionPolicy
from tests.fakes.hub_request import FakeHubRequest
from tests.fakes.identifiers import FakeIdentifiers
from tests.fakes.policy_observer import FakePolicyObserver
from tests.fakes.request_observer import FakeRequestObserver
from tests.fakes.upstream_transport import FakeUpstreamTransport, ScriptedAnswer

EVENT_STREAM = ((b"content-type", b"text/event-stream"),)
BODY = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"lorem"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}'
)
DIALECTS: tuple[Dialect, ...] = (OpenAIChat(), AnthropicMessages(), GoogleGenerateContent())


def chunk(content: str | None = None, finish: str | None = None) -> bytes:
    """One event of OpenAI's stream; the word `lorem` begins it and has the role."""
    role = b'"role":"assistant",' if content == "lorem" else b""
    delta = b"{}" if content is None else b'{%b"content":"%b"}' % (role, content.encode())
    reason = b"null" if finish is None else b'"%b"' % finish.encode()
    return (
        b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
        b'"choices":[{"index":0,"delta":%b,"finish_reason":%b}]}\n\n' % (delta, reason)
    )


DONE = b"data: [DONE]\n\n"
WHOLE = (chunk("lorem"), chunk(" ipsum"), chunk(finish="stop"), DONE)


def streamed(*chunks: Any, **more: Any) -> ScriptedAnswer:
    return ScriptedAnswer(headers=EVENT_STREAM, chunks=chunks, **more)


def status(code: int, **headers: str) -> ScriptedAnswer:
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return ScriptedAnswer(status=code, headers=fields, chunks=(b'{"error":{"message":"no"}}',))


class ChatScene:
    """`providers` of one model `m`, in this order; `answers` are what the upstreams do, call by call; `peers`
    are asked before routing."""

    def __init__(
        self,
        *answers: ScriptedAnswer | GatewayError,
        providers: tuple[str, ...] = ("one", "two"),
        dialect: str = "openai.chat",
        retry: RetryPolicy | None = None,
        keepalive: float = 15.0,
        peers: tuple[RoutingConstraints, ...] = (),
    ) -> None:
        configuration = GatewayConfiguration(
            providers=tuple(_account(name, dialect, place) for place, name in enumerate(providers))
        )
        self.clock = FakeClock()
        self.log = FakeDecisionLog()
        self.observer = FakeRequestObserver()
        self.transport = FakeUpstreamTransport(*answers)
        self.channel = FakeAnswerChannel()
        self.health = HealthBook(BreakerPolicy(), self.clock)
        snapshot = configuration.snapshot()
        self.health.adopt(snapshot)
        accounts = ProviderAccounts({each.name: each for each in DIALECTS})
        accounts.adopt(configuration)
        self.snapshots = FakeCurrentSnapshot(snapshot)
        terms = PolicyTerms(on_failure="closed", timeout=5.0)
        standing = [
            StandingVerdicts(peer, terms, clock=self.clock, observer=FakePolicyObserver()) for peer in peers
        ]
        consult = ConsultPolicies(standing, snapshots=self.snapshots, clock=self.clock)
        self.complete_chat = CompleteChat(
            route=RouteInference(
                snapshots=self.snapshots,
                health=self.health,
                log=self.log,
                clock=self.clock,
                identifiers=FakeIdentifiers(),
                identity=ServiceIdentity(agent_version="1.0.0"),
            ),
            log=self.log,
            providers=accounts,
            transport=self.transport,
            health=self.health,
            observer=self.observer,
            policy=FakeExecutionPolicy(retry or RetryPolicy(max_attempts=2)),
            budget=RetryBudget(),
            slots=ProviderSlots(lambda: 0),
            clock=self.clock,
            randomness=lambda: 0.0,
            keepalive=keepalive,
            consult=consult if peers else None,
        )

    async def ask(self, *, stream: bool = False, **call: Any) -> None:
        """Raises what CompleteChat raises."""
        await self.complete_chat(self.call(stream=stream, **call), self.channel)

    def call(self, *, stream: bool = False, **more: Any) -> ChatCall:
        messages = [{"role": "user", "content": "hi"}]
        return ChatCall(
            hub=FakeHubRequest({"model": "m", "messages": messages, "stream": stream}),
            facts=RequestFacts(model="m"),
            request_id="r-1",
            arrived=self.clock.monotonic(),
            **more,
        )

    @property
    def events(self) -> list[str]:
        return [record.event.decision_type for record in self.log.records]

    @property
    def outcomes(self) -> list[str]:
        """`one rejected` …, in order."""
        return [f"{attempt.target.provider_id} {attempt.outcome}" for attempt in self.observer.attempts]


def _account(name: str, dialect: str, place: int) -> ProviderAccount:
    return ProviderAccount(
        id=name,
        type="t",
        dialect=dialect,
        base_url=f"https://{name}.test/v1",
        credential_required=False,
        models=(Model(name="m"),),
        priority=place,
        timeouts=Timeouts(first_byte=0.05, idle=0.05),
    )
