"""The TelemetrySink contract, for null, the fake and every peer on a real socket; then what each peer has."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource

from llm_gateway.adapters.costops.sink import CostOpsSink
from llm_gateway.adapters.null_telemetry import NullTelemetrySink
from llm_gateway.adapters.observatory.sink import INGEST_PATH, TIMEOUTS, ObservatorySink
from llm_gateway.adapters.otlp.model_server import ModelServer
from llm_gateway.adapters.otlp.request_spans import RequestSpans
from llm_gateway.adapters.otlp.sink import OtlpSink
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.trace_collector import TraceCollector
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.peer_service import PeerService
from tests.fakes.price_list import LISTED, FakePriceList
from tests.fakes.telemetry_sink import FakeTelemetrySink
from tests.samples.traced_requests import PLAIN
from tests.samples.usage_records import RECORD, TARGET, usage_record

QUICK = Timeouts(connect=5.0, first_byte=0.3, idle=5.0, total=5.0)
PRICES = FakePriceList({TARGET: LISTED})

Sink = TelemetrySink[UsageRecord]
Make = Callable[[str, Timeouts], Sink]


def observatory(url: str, timeouts: Timeouts = QUICK) -> ObservatorySink:
    return ObservatorySink(url, NativeTransport(), PRICES, environment="dev", timeouts=timeouts)


def costops(url: str, timeouts: Timeouts = QUICK) -> CostOpsSink:
    return CostOpsSink(url, NativeTransport(), PRICES, environment="dev", timeouts=timeouts)


PEERS: dict[str, Callable[[str], Sink]] = {
    "observatory": lambda url: observatory(url + INGEST_PATH),
    "costops": lambda url: costops(url + "/"),
}


@dataclass
class Scene:
    service: PeerService
    url: str
    sink: Sink


@pytest.fixture
async def service() -> AsyncIterator[tuple[PeerService, str]]:
    service = PeerService()
    async with service.server() as server:
        yield service, server.origin


@pytest.fixture(params=PEERS)
async def peer(request: pytest.FixtureRequest, service: tuple[PeerService, str]) -> AsyncIterator[Scene]:
    scene = Scene(*service, PEERS[request.param](service[1]))
    yield scene
    await scene.sink.aclose()


def otlp(url: str) -> OtlpSink:
    spans = RequestSpans(Resource({}), "1", lambda _: ModelServer(system="openai"))
    return OtlpSink(TraceCollector(url=f"{url}/v1/traces"), spans)


@pytest.fixture(params=["null", "fake", "otlp", *PEERS])
async def sink(
    request: pytest.FixtureRequest, service: tuple[PeerService, str]
) -> AsyncIterator[TelemetrySink[Any]]:
    """What takes other records than the peers has its own suite for the rest (tests/integration/otlp)."""
    others: dict[str, Callable[[str], TelemetrySink[Any]]] = {
        "null": lambda url: NullTelemetrySink(),
        "fake": lambda url: FakeTelemetrySink(),
        "otlp": otlp,
    }
    if request.param == "otlp":
        service[0].mode = "200"
    sink = (others | PEERS)[request.param](service[1])
    yield sink
    await sink.aclose()


async def test_what_is_sent_is_delivered_or_lost(sink: TelemetrySink[Any]) -> None:
    """Whoever is nowhere says neither that it was delivered nor that it is to be kept."""
    answer = await sink.send([PLAIN if sink.name == "otlp" else RECORD])
    assert answer.meaning == ("delivered" if sink.endpoint else "permanent")


async def test_it_can_be_named_and_shown(sink: TelemetrySink[Any]) -> None:
    """The name is a label's value; the endpoint has neither a query nor credentials."""
    assert re.fullmatch("[a-z]+", sink.name)
    assert sink.batch >= 1
    assert sink.endpoint is None or re.fullmatch("http://[a-z0-9.:]+/[a-z0-9/]+", sink.endpoint)


async def test_closing_twice_is_harmless(sink: TelemetrySink[Any]) -> None:
    """The lifespan may end in more than one way."""
    await sink.aclose()
    await sink.aclose()


@pytest.mark.parametrize("mode", ["503", "429", "401", "404", "302", "garbage", "silent"])
async def test_nobody_has_said_anything_about_the_records(peer: Scene, mode: str) -> None:
    """An outage: they are kept. Sending never raises."""
    peer.service.mode = mode
    answer = await peer.sink.send([RECORD])
    assert answer.meaning == "outage"
    assert answer.text


async def test_nobody_listening_is_an_outage(service: tuple[PeerService, str]) -> None:
    """Connection refused."""
    for make in PEERS.values():
        sink = make("http://127.0.0.1:1")
        assert (await sink.send([RECORD])).meaning == "outage"
        await sink.aclose()


@pytest.mark.parametrize(
    ("mode", "meaning"),
    [
        ("400", "permanent"),
        ("422", "permanent"),
        ("413", "permanent"),
        ("500", "ambiguous"),
        ("202", "delivered"),
    ],
)
async def test_a_status_about_the_records_is_one(peer: Scene, mode: str, meaning: str) -> None:
    """500 may be an outage or poison."""
    peer.service.mode = mode
    answer = await peer.sink.send([RECORD])
    assert (answer.meaning, answer.status) == (meaning, int(mode))


async def test_an_answer_that_breaks_off_has_said_what_matters(peer: Scene) -> None:
    """Its status; sending again would only make two of one."""
    peer.service.mode = "cut"
    assert (await peer.sink.send([RECORD])).meaning == "delivered"
    assert len(peer.service.spans) + len(peer.service.attributions) == 1


async def test_a_lie_is_believed(peer: Scene) -> None:
    """There is no way to know: Observatory says success even when its store has failed."""
    peer.service.mode = "lies"
    assert (await peer.sink.send([RECORD])).meaning == "delivered"


BAD_URLS = (
    "observatory:8080",
    "ftp://host/x",
    "http://user:secret@host",
    "http://h?key=x",
    "http://h:99999",
    "http://h/a b",
    "",
)


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.parametrize(
    ("make", "variable"), [(observatory, "TELEMETRY_ENDPOINT"), (costops, "COSTOPS_URL")]
)
def test_another_kind_of_url_is_a_configuration_error(
    make: Callable[[str], Sink], variable: str, url: str
) -> None:
    """Said at the start, and without repeating what may be a password."""
    with pytest.raises(ConfigurationError, match=f"{variable} must look like") as caught:
        make(url)
    assert "secret" not in str(caught.value)


class TestObservatory:
    """A hundred spans a call, at the path that is there."""

    async def test_the_path_that_is_there_is_found_and_remembered(
        self, service: tuple[PeerService, str]
    ) -> None:
        """The guide's path answers 404 at the real service; it is asked once."""
        there, url = service
        sink = observatory(f"{url}/v1/telemetry")
        assert sink.endpoint == f"{url}/v1/telemetry"
        for _ in range(2):
            assert (await sink.send([RECORD])).meaning == "delivered"
        assert there.calls == [("/v1/telemetry", 404), (INGEST_PATH, 200), (INGEST_PATH, 200)]
        assert sink.endpoint == url + INGEST_PATH
        await sink.aclose()

    async def test_the_path_that_is_configured_comes_first(self, service: tuple[PeerService, str]) -> None:
        """Where both would do, and where the service changes its mind."""
        there, url = service
        there.ingest = "/v1/telemetry"
        sink = observatory(f"{url}/v1/telemetry")
        await sink.send([RECORD])
        assert there.calls == [("/v1/telemetry", 200)]
        there.ingest = INGEST_PATH
        assert (await sink.send([RECORD])).meaning == "delivered"
        await sink.aclose()

    async def test_a_configured_path_is_taken_as_it_stands(self, service: tuple[PeerService, str]) -> None:
        """With its slash at the end, if it has one."""
        there, url = service
        there.ingest = "/v1/telemetry/"
        sink = observatory(f"{url}/v1/telemetry/")
        await sink.send([RECORD])
        assert there.calls == [("/v1/telemetry/", 200)]
        await sink.aclose()

    async def test_a_service_without_either_path_is_an_outage(self, service: tuple[PeerService, str]) -> None:
        """It may be a wrong URL, which somebody will put right."""
        there, url = service
        there.ingest = "/elsewhere"
        sink = observatory(f"{url}/v1/telemetry")
        answer = await sink.send([RECORD])
        assert (answer.meaning, answer.status) == ("outage", 404)
        assert sink.endpoint == f"{url}/v1/telemetry"
        await sink.aclose()

    async def test_what_is_too_much_goes_in_halves(self, service: tuple[PeerService, str]) -> None:
        """Each span once and in order; later batches are smaller from the start."""
        there, url = service
        there.most_spans = 30
        sink = observatory(url + INGEST_PATH)
        records = [usage_record(request_id=f"r-{n}") for n in range(100)]
        assert (await sink.send(records)).meaning == "delivered"
        found = [span["metadata"]["attributes"]["request_id"] for span in there.spans]
        assert found == [record.request_id for record in records]
        assert sink.batch == 25
        await sink.aclose()

    async def test_of_halves_only_the_refused_one_is_lost(self, service: tuple[PeerService, str]) -> None:
        """And counted."""
        there, url = service
        there.most_spans = 2
        sink = observatory(url + INGEST_PATH)
        poisoned = usage_record(tenant="poison")
        answer = await sink.send([RECORD, RECORD, RECORD, poisoned])
        assert (answer.meaning, answer.lost) == ("delivered", 2)
        assert len(there.spans) == 2
        assert (await sink.send([poisoned, poisoned, poisoned])).meaning == "permanent"
        await sink.aclose()

    def test_answers_may_take_their_time(self) -> None:
        """7 s, on a good day."""
        assert min(TIMEOUTS.first_byte, TIMEOUTS.idle, TIMEOUTS.total) > 3 * 7


class TestCostOps:
    """One request a call."""

    async def test_a_no_with_status_200_is_a_no(self, service: tuple[PeerService, str]) -> None:
        """`success` is part of the answer."""
        there, url = service
        there._answer = lambda path, body: (200, {"success": False})  # type: ignore[method-assign]
        sink = costops(url)
        assert (await sink.send([RECORD])).meaning == "permanent"
        await sink.aclose()

    async def test_a_base_path_is_kept(self, service: tuple[PeerService, str]) -> None:
        """The service may be behind a gateway of its own."""
        sink = costops(f"{service[1]}/costs/")
        await sink.send([RECORD])
        assert service[0].calls == [("/costs/api/v1/attribution", 404)]
        await sink.aclose()

    async def test_a_request_that_nobody_was_called_for_is_not_sent(
        self, service: tuple[PeerService, str]
    ) -> None:
        """There would be no provider to attribute it to."""
        sink = costops(service[1])
        assert (await sink.send([usage_record(target=None)])).meaning == "permanent"
        assert service[0].calls == []
        await sink.aclose()
