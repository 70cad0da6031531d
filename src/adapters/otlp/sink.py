"""OtlpSink: hands the spans of sampled requests to an OpenTelemetry collector, by OTLP over HTTP.

Source: OpenTelemetry protocol specification, "OTLP/HTTP": which answers mean what.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace.export import SpanExportResult
from typing_extensions import override

from llm_gateway.adapters.otlp.last_answer import CollectorAnswer, LastAnswer
from llm_gateway.adapters.otlp.request_spans import RequestSpans
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.trace_collector import TraceCollector
from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.delivery_answer import DeliveryAnswer

if TYPE_CHECKING:
    import requests

# Some 3 ms of building and encoding (bench.tracing): CPython gives the loop its turn after 5 ms.
MOST_REQUESTS = 32
_PROTOBUF, _JSON = "application/x-protobuf", "application/json"
_LATER = frozenset({429, 502, 503, 504})
_SHOWN_CHARACTERS = 200

_log = logging.getLogger("llm_gateway.telemetry")


class OtlpSink(TelemetrySink[TracedRequest]):
    """The exporter blocks, so each batch is built and sent in a thread of its own, a daemon: a collector that
    never answers does not hold up the end of the process."""

    name = "otlp"
    batch = MOST_REQUESTS

    def __init__(self, collector: TraceCollector, spans: RequestSpans, *, proxy: str | None = None) -> None:
        self._url = collector.url
        self._spans = spans
        self._last = LastAnswer()
        self._exporter = _exporter(collector, self._last.session(proxy))

    @property
    @override
    def endpoint(self) -> str:
        return self._url

    @override
    async def send(self, items: Sequence[TracedRequest]) -> DeliveryAnswer:
        answer: Future[DeliveryAnswer] = Future()
        answer.set_running_or_notify_cancel()  # what has begun cannot be called back
        thread = threading.Thread(target=self._run, args=(items, answer), name="otlp", daemon=True)
        thread.start()
        return await asyncio.wrap_future(answer)

    @override
    async def aclose(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _run(self, items: Sequence[TracedRequest], answer: Future[DeliveryAnswer]) -> None:
        try:
            answer.set_result(self._export(items))
        except Exception as exc:  # a sink never raises; these items would fail again
            answer.set_result(DeliveryAnswer(meaning="permanent", text=f"{type(exc).__name__}: not sent"))

    def _export(self, items: Sequence[TracedRequest]) -> DeliveryAnswer:
        self._last.forget()
        result = self._exporter.export([span for traced in items for span in self._spans(traced)])
        said = self._last.answer()
        if said is None:
            return DeliveryAnswer(meaning="outage", text=f"no answer from {self._url}")
        if result is SpanExportResult.SUCCESS:
            return _taken(said)
        later = said.status in _LATER
        return DeliveryAnswer(
            meaning="outage" if later else "permanent",
            status=said.status,
            text="the collector takes no spans now" if later else "the collector refused the spans",
            retry_after=float(said.retry_after) if said.retry_after and said.retry_after.isdigit() else None,
        )


def _taken(said: CollectorAnswer) -> DeliveryAnswer:
    """A success that is not in OTLP comes from somebody else: a wrong URL, a page of a proxy."""
    message = _message(said) if 200 <= said.status < 300 else None
    if message is None:
        return DeliveryAnswer(meaning="permanent", status=said.status, text="the answer is not OTLP")
    if rejected := message.partial_success.rejected_spans:
        reason = message.partial_success.error_message[:_SHOWN_CHARACTERS]
        _log.warning("the collector rejected spans", extra={"spans": rejected, "reason": reason})
    return DeliveryAnswer(meaning="delivered", status=said.status)


def _message(said: CollectorAnswer) -> ExportTraceServiceResponse | None:
    """None for garbage. JSON in answer to protobuf is against the specification, but collectors do that."""
    kind = said.content_type.partition(";")[0].strip().lower()
    message = ExportTraceServiceResponse()
    if said.body == b"" or kind == _JSON:
        return message
    if said.body is None or kind != _PROTOBUF:
        return None
    try:
        message.ParseFromString(said.body)
    except DecodeError:
        return None
    return message


def _exporter(collector: TraceCollector, session: requests.Session) -> OTLPSpanExporter:
    return OTLPSpanExporter(
        endpoint=collector.url,
        certificate_file=collector.certificate,
        client_certificate_file=collector.client_certificate,
        client_key_file=collector.client_key,
        headers={name: secret.reveal() for name, secret in collector.headers.items()},
        timeout=collector.timeout,
        compression=Compression(collector.compression),
        session=session,
    )
