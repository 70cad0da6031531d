"""The EventSink contract, for the real adapter against its stand-in, the null adapter and the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.ruvector.null import NullEventSink
from llm_gateway.adapters.ruvector.sink import RuvectorSink
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container.audit import event_key_rotation
from tests.e2e.ruvector_process import RuvectorProcess
from tests.fakes.event_sink import FakeEventSink
from tests.fakes.secret_store import FakeSecretStore
from tests.samples.decisions import record

LINE = Chain().seal(record()).rstrip(b"\n")
QUICK = Timeouts(connect=5.0, first_byte=0.3, idle=5.0, total=5.0)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuvectorProcess]:
    service = RuvectorProcess(tmp_path_factory.mktemp("ruvector")).start()
    yield service
    service.stop()


@pytest.fixture
async def ruvector(service: RuvectorProcess) -> AsyncIterator[RuvectorSink]:
    service.behave(mode="up", poison="", refuse="")
    sink = RuvectorSink(service.url + "/", NativeTransport(), api_key=Secret("the-key"), timeouts=QUICK)
    yield sink
    await sink.aclose()


@pytest.fixture(params=["ruvector", "null", "fake"])
def sink(request: pytest.FixtureRequest, ruvector: RuvectorSink) -> EventSink:
    return {"ruvector": ruvector, "null": NullEventSink(), "fake": FakeEventSink()}[request.param]


async def test_a_record_is_delivered_or_kept(sink: EventSink) -> None:
    """Whoever is nowhere never says that something was delivered, nor that it is to be given up."""
    answer = await sink.deliver(LINE)
    assert answer.meaning == ("delivered" if sink.url else "outage")


async def test_closing_twice_is_harmless(sink: EventSink) -> None:
    """The lifespan may end in more than one way."""
    await sink.aclose()
    await sink.aclose()


async def test_delivered_is_what_the_service_has_stored(
    ruvector: RuvectorSink, service: RuvectorProcess
) -> None:
    """201, with the key in the header."""
    before = len(service.events())
    answer = await ruvector.deliver(LINE)
    assert (answer.meaning, answer.status) == ("delivered", 201)
    assert len(service.events()) == before + 1
    assert service.behave()["authorization"] == "Bearer the-key"


async def test_a_rotated_key_is_the_next_records(ruvector: RuvectorSink, service: RuvectorProcess) -> None:
    """Deliveries go on. A secret that is gone changes nothing."""
    store = FakeSecretStore({"ruvector-api-key": "rotated"})
    rotated = event_key_rotation(ruvector, store)
    rotated(("ruvector-api-key", "other"))
    store.values.clear()
    rotated(("ruvector-api-key",))
    await ruvector.deliver(LINE)
    assert service.behave()["authorization"] == "Bearer rotated"


@pytest.mark.parametrize(
    ("behaviour", "meaning", "status"),
    [
        ({"refuse": "route_select"}, "permanent", 400),
        ({"poison": "route_select"}, "ambiguous", 500),
        ({"mode": "broken"}, "ambiguous", 500),
        ({"mode": "unavailable"}, "outage", 503),
    ],
)
async def test_every_answer_is_told_apart(
    ruvector: RuvectorSink,
    service: RuvectorProcess,
    behaviour: dict[str, str],
    meaning: str,
    status: int,
) -> None:
    """The table of the contract, with what the service said."""
    service.behave(**behaviour)
    answer = await ruvector.deliver(LINE)
    assert (answer.meaning, answer.status) == (meaning, status)
    assert "error" in answer.text


async def test_an_answer_that_comes_too_late_is_an_outage(
    ruvector: RuvectorSink, service: RuvectorProcess
) -> None:
    """Although the service has stored the record: it will be there twice, under one event_id."""
    service.behave(mode="slow", delay=2.0)
    before = len(service.events())
    answer = await ruvector.deliver(LINE)
    assert (answer.meaning, answer.status) == ("outage", None)
    assert len(service.events()) == before + 1


async def test_nobody_listening_is_an_outage(tmp_path: Path) -> None:
    """Connection refused."""
    sink = RuvectorSink(RuvectorProcess(tmp_path).url, NativeTransport())
    answer = await sink.deliver(LINE)
    assert answer.meaning == "outage"
    await sink.aclose()


async def test_what_cannot_be_sent_is_not_sent(ruvector: RuvectorSink, service: RuvectorProcess) -> None:
    """The reason is for the dead letter."""
    before = service.behave()["posts"]
    answer = await ruvector.deliver(b"\0\0\0")
    assert answer.meaning == "permanent" and answer.text.startswith("not sent: not a decision record")
    assert service.behave()["posts"] == before


@pytest.mark.parametrize(
    "url", ["ruvector:8080", "ftp://host", "http://user:secret@host", "http://h?x=1", ""]
)
def test_another_kind_of_url_is_a_configuration_error(url: str) -> None:
    """Said at the start, and without repeating what may be a password."""
    with pytest.raises(ConfigurationError, match="RUVECTOR_SERVICE_URL must look like") as caught:
        RuvectorSink(url, NativeTransport())
    assert "secret" not in str(caught.value)
