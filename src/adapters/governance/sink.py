"""GovernanceSink: tells the platform's governance of compliance actions, one to a call (contracts.md §7b)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from llm_gateway.adapters.governance.envelope import envelope
from llm_gateway.adapters.peer_endpoint import PeerEndpoint, no_answer
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamTransport
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.delivery_answer import DeliveryAnswer, Meaning
from llm_gateway.domain.errors import GatewayError

VARIABLE: Final = "GOVERNANCE_ENDPOINT"
TIMEOUTS: Final = Timeouts(connect=5.0, first_byte=10.0, idle=10.0, total=15.0)

_ACCEPTED = 202
_ABOUT_THIS_ACTION = frozenset({400, 413, 422})
_INTERNAL_ERROR = 500


class GovernanceSink(TelemetrySink[ComplianceAction]):
    """`url` is the whole one, path included; `transport` is this sink's own and closed with it.

    Raises ConfigurationError for a URL that cannot be used.
    """

    name = "governance"
    batch = 1

    def __init__(self, url: str, transport: UpstreamTransport, *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._peer = PeerEndpoint(VARIABLE, url, transport, timeouts)

    @property
    @override
    def endpoint(self) -> str:
        return self._peer.origin + self._peer.path

    @override
    async def send(self, items: Sequence[ComplianceAction]) -> DeliveryAnswer:
        (action,) = items
        try:
            answer = await self._peer.post(self._peer.path, envelope(action))
        except GatewayError as exc:
            return no_answer(exc)
        return answer.delivery(_meaning(answer.status))

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()


def _meaning(status: int) -> Meaning:
    """202 only is success: a wrong URL answers 200 with a page. What tells of the URL or of load says nothing
    about the action, so the action is kept."""
    if status == _ACCEPTED:
        return "delivered"
    if status in _ABOUT_THIS_ACTION:
        return "permanent"
    return "ambiguous" if status == _INTERNAL_ERROR else "outage"
