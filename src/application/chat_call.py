"""ChatCall: one validated chat request on its way through the gateway."""

from __future__ import annotations

from llm_gateway.application.ports.dialect import HubRequest
from llm_gateway.domain.principal import ANONYMOUS, Principal
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.trace_context import TraceContext
from llm_gateway.domain.value import value


@value
class ChatCall:
    """`arrived` and `deadline` are monotonic seconds; `first_byte` is how many seconds the client stays with
    a silent connection, None: it does not say. `client_retries` is what the client's own SDK says of its
    retries; `idempotent` allows a second try after an attempt that may have run."""

    hub: HubRequest
    facts: RequestFacts
    request_id: str
    arrived: float
    deadline: float | None = None
    first_byte: float | None = None
    client_retries: int = 0
    idempotent: bool = False
    trace_id: str | None = None
    trace: TraceContext | None = None
    caller: Principal = ANONYMOUS
