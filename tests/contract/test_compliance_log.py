"""The contract of port ComplianceLog, and what the governance's sink makes of each answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from llm_gateway.adapters.governance.envelope import envelope
from llm_gateway.adapters.governance.null import NullComplianceLog
from llm_gateway.adapters.governance.sink import GovernanceSink
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.compliance_feed import ComplianceFeed
from llm_gateway.application.ports.compliance_log import ComplianceLog
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.telemetry_feed import TelemetryFeed
from llm_gateway.domain.compliance_action import ComplianceAction
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.clock import FakeClock
from tests.fakes.compliance_log import FakeComplianceLog
from tests.fakes.governance_service import GovernanceService, running_governance
from tests.fakes.identifiers import FakeIdentifiers
from tests.fakes.telemetry_observer import FakeTelemetryObserver

QUICK = Timeouts(connect=5.0, first_byte=0.2, idle=5.0, total=5.0)
ACTION = ComplianceAction(
    action="policy.denied",
    principal="acme",
    resource="gpt-4o",
    outcome="denied",
    metadata={"worker": 0},
    execution_id="01938b2e-7c4a-7def-8123-456789abcdef",
    at=1_700_000_000.25,
)


def unreachable_feed() -> ComplianceFeed:
    sink = GovernanceSink("http://127.0.0.1:9/x", NativeTransport())
    feed = TelemetryFeed(sink, observer=FakeTelemetryObserver(), clock=FakeClock(), randomness=lambda: 0.5)
    return ComplianceFeed(feed, clock=FakeClock(), identifiers=FakeIdentifiers(), worker=0, state=dict)


@pytest.mark.parametrize("make", [NullComplianceLog, FakeComplianceLog, unreachable_feed])
async def test_recording_never_waits_and_never_raises(make: type[ComplianceLog]) -> None:
    """Whoever is behind it."""
    log = make()
    for _ in range(3):
        log.record(ACTION)


@pytest.fixture
def service() -> Iterator[GovernanceService]:
    with running_governance() as started:
        yield started


async def test_an_action_arrives_in_the_platforms_envelope(service: GovernanceService) -> None:
    """Member for member (contracts.md §7b)."""
    sink = GovernanceSink(service.url, NativeTransport())
    assert (await sink.send([ACTION])).meaning == "delivered"
    await sink.aclose()
    assert service.events == [
        {
            "source": "llm-inference-gateway",
            "event_type": "audit.signal",
            "execution_id": "01938b2e-7c4a-7def-8123-456789abcdef",
            "timestamp": "2023-11-14T22:13:20.250Z",
            "payload": {
                "timestamp": "2023-11-14T22:13:20.250Z",
                "action": "policy.denied",
                "principal": "acme",
                "resource": "gpt-4o",
                "outcome": "denied",
                "metadata": {"worker": 0},
            },
        }
    ]


@pytest.mark.parametrize(
    ("mode", "meaning"),
    [
        ("200", "outage"),
        ("400", "permanent"),
        ("404", "outage"),
        ("413", "permanent"),
        ("422", "permanent"),
        ("429", "outage"),
        ("500", "ambiguous"),
        ("503", "outage"),
        ("garbage", "outage"),
        ("silent", "outage"),
    ],
)
async def test_only_202_is_success(service: GovernanceService, mode: str, meaning: str) -> None:
    """What says nothing about the action keeps it."""
    service.mode = mode
    sink = GovernanceSink(service.url, NativeTransport(), timeouts=QUICK)
    assert (await sink.send([ACTION])).meaning == meaning
    await sink.aclose()


def test_clients_words_are_bounded() -> None:
    """The name of a model may be anything."""
    told = json.loads(envelope(replace(ACTION, resource="\ud800" + "x" * 9999, metadata={})))["payload"]
    assert len(told["resource"]) == 256
    assert "metadata" not in told


@pytest.mark.parametrize("url", ["governance:80", "http://user:secret@host/", "https://host/?token=secret"])
def test_a_url_of_no_use_is_refused(url: str) -> None:
    """It is not repeated: it may hold a password."""
    with pytest.raises(ConfigurationError, match="GOVERNANCE_ENDPOINT must look like") as caught:
        GovernanceSink(url, NativeTransport())
    assert "secret" not in caught.value.message
