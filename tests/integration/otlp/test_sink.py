"""OtlpSink and a collector on a real socket."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource

from llm_gateway.adapters.otlp.model_server import ModelServer
from llm_gateway.adapters.otlp.request_spans import RequestSpans
from llm_gateway.adapters.otlp.sink import OtlpSink
from llm_gateway.application.secret import Secret
from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.application.trace_collector import TraceCollector
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from tests.fakes.clock import FakeClock
from tests.fakes.otlp_collector import PROTOBUF, Answer, OtlpCollector
from tests.fakes.telemetry_observer import FakeTelemetryObserver
from tests.samples.traced_requests import FELL_BACK, PLAIN, TRACE

NOBODY = "http://127.0.0.1:9/v1/traces"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """As the container has it."""
    logger = logging.getLogger("opentelemetry")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with OtlpCollector() as started:
        yield started


@asynccontextmanager
async def sink_to(url: str, **settings: Any) -> AsyncIterator[OtlpSink]:
    spans = RequestSpans(Resource({"service.name": "g"}), "1", lambda _: ModelServer(system="openai"))
    sink = OtlpSink(TraceCollector(**{"url": url, "timeout": 0.3, **settings}), spans)
    yield sink
    await sink.aclose()


async def told(collector: OtlpCollector, answer: Answer) -> DeliveryAnswer:
    collector.answer = answer
    async with sink_to(f"{collector.url}/v1/traces") as sink:
        return await sink.send([PLAIN])


async def test_a_collector_decodes_what_arrives(collector: OtlpCollector) -> None:
    """Both spans of each request, with their ids, in one call."""
    async with sink_to(f"{collector.url}/custom/path") as sink:
        answer = await sink.send([PLAIN, FELL_BACK])
    ((path, headers, _),) = collector.posts
    assert answer.meaning == "delivered"
    assert (path, headers["content-type"]) == ("/custom/path", PROTOBUF)
    server, client, *others = collector.spans()
    assert (server.trace_id, server.parent_id, server.state) == (TRACE.trace_id, "00f067aa0ba902b7", "rojo=1")
    assert (client.parent_id, client.name) == (server.span_id, "chat gpt-4o")
    assert len(others) == 3 and server.resource == {"service.name": "g"}


async def test_headers_and_compression_are_as_configured(collector: OtlpCollector) -> None:
    headers = {"x-api-key": Secret("k-1")}
    async with sink_to(f"{collector.url}/v1/traces", headers=headers, compression="gzip") as sink:
        assert (await sink.send([PLAIN])).meaning == "delivered"
    ((_, seen, _),) = collector.posts
    assert (seen["x-api-key"], seen["content-encoding"]) == ("k-1", "gzip")
    assert len(collector.spans()) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, b""),
        Answer(202, {"content-type": "application/json; charset=utf-8"}, b"{}"),
        Answer(200, {"content-type": PROTOBUF}, b""),
        Answer(200, {"content-type": PROTOBUF, "content-encoding": "gzip"}, gzip.compress(b"")),
    ],
)
async def test_what_counts_as_taken(collector: OtlpCollector, answer: Answer) -> None:
    assert (await told(collector, answer)).meaning == "delivered"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"content-type": "text/html"}, b"<html>sign in</html>"),
        Answer(200, {"content-type": PROTOBUF}, b"\xff\xff\xff"),
        Answer(200, {"content-type": PROTOBUF}, b"x" * 100_000),
        Answer(302, {"location": "https://elsewhere.example"}, b""),
        Answer(400),
        Answer(401),
        Answer(404),
        Answer(500),
    ],
    ids=lambda answer: str(answer.status),
)
async def test_garbage_and_refusals_are_final(collector: OtlpCollector, answer: Answer) -> None:
    """OTLP: only 429, 502, 503 and 504 are to be tried again."""
    said = await told(collector, answer)
    assert (said.meaning, said.status) == ("permanent", answer.status)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_an_overloaded_collector_is_asked_again_later(collector: OtlpCollector, status: int) -> None:
    said = await told(collector, Answer(status, {"retry-after": "7"}, b""))
    assert (said.meaning, said.status, said.retry_after) == ("outage", status, 7.0)


async def test_rejected_spans_are_said(collector: OtlpCollector, caplog: pytest.LogCaptureFixture) -> None:
    """A partial success: the others were taken."""
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = 1
    said = await told(collector, replace(Answer(), body=response.SerializeToString()))
    assert said.meaning == "delivered"
    assert "the collector rejected spans" in caplog.messages


async def test_an_answer_that_breaks_off_has_said_what_matters(collector: OtlpCollector) -> None:
    """Its status; sending again would only make two of one."""
    said = await told(
        collector, Answer(200, {"content-type": PROTOBUF, "connection": "close"}, b"", cut=True)
    )
    assert said.meaning == "delivered" and len(collector.posts) == 1


async def test_nobody_there_is_an_outage() -> None:
    async with sink_to(NOBODY) as sink:
        assert (await sink.send([PLAIN])).meaning == "outage"


async def test_silence_is_an_outage(collector: OtlpCollector) -> None:
    collector.silent.set()
    async with sink_to(f"{collector.url}/v1/traces") as sink:
        assert (await sink.send([PLAIN])).meaning == "outage"


async def test_https_with_roots_of_ones_own(tmp_path: Path) -> None:
    """A handshake that fails is nobody's answer; the file of roots is what makes it succeed."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with OtlpCollector(tls=authority.issue_cert("127.0.0.1")) as collector:
        async with sink_to(f"{collector.url}/v1/traces") as sink:
            assert (await sink.send([PLAIN])).meaning == "outage"
        async with sink_to(f"{collector.url}/v1/traces", certificate=str(tmp_path / "ca.pem")) as sink:
            assert (await sink.send([PLAIN])).meaning == "delivered"


async def test_a_proxy_is_used_when_there_is_one(collector: OtlpCollector) -> None:
    spans = RequestSpans(Resource({}), "1", lambda _: ModelServer(system="openai"))
    target = TraceCollector(url="http://collector.invalid/v1/traces")
    sink = OtlpSink(target, spans, proxy=collector.url)
    assert (await sink.send([PLAIN])).meaning == "delivered"
    assert collector.posts[0][0] == "http://collector.invalid/v1/traces"
    await sink.aclose()


async def test_what_the_end_does_not_wait_for_is_dropped_and_counted(collector: OtlpCollector) -> None:
    """A silent collector: the batch that is on its way and the one that waits are lost, and it is said."""
    collector.silent.set()
    observer = FakeTelemetryObserver()
    async with sink_to(f"{collector.url}/v1/traces", timeout=20.0) as sink:
        feed = TelemetryFeed(
            sink, observer=observer, clock=FakeClock(), randomness=lambda: 0.5, limits=FeedLimits(linger=0.0)
        )
        feed.start()
        feed.offer(PLAIN)
        await asyncio.sleep(0.05)
        await feed.stop(0.05)
    assert observer.drops == {"otlp": 1}


async def test_a_redirect_leads_nowhere(collector: OtlpCollector) -> None:
    """The collector's headers may hold a key, and nobody but the settings chooses who gets it."""
    with OtlpCollector() as other:
        answer = Answer(307, {"location": f"{other.url}/v1/traces"}, b"")
        assert (await told(collector, answer)).status == 307
        assert not other.posts and len(collector.posts) == 1
