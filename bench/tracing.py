"""What traces cost per request: CPU microseconds, the least of several rounds.

.venv/bin/python -m bench.tracing

On the request path that is reading the headers, deciding, and at the end looking whether spans are wanted.
"""

from __future__ import annotations

import random
import time
import timeit
from dataclasses import replace

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource

from bench.events import microseconds
from llm_gateway.adapters.otlp.model_server import ModelServer
from llm_gateway.adapters.otlp.request_spans import RequestSpans
from llm_gateway.adapters.otlp.sink import MOST_REQUESTS
from llm_gateway.application.offer_traced import OfferTraced
from llm_gateway.application.start_trace import StartTrace
from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.sampling_rule import SamplingRule
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders
from tests.samples.usage_records import RECORD

_PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
_BATCHES = 20


def on_the_path(start: StartTrace | None, flags: bytes | None) -> float:
    """What the fast lane does about traces, from header to the request's end."""
    fields = [(b"traceparent", _PARENT + flags)] if flags is not None else []
    headers = RequestHeaders([(b"host", b"gateway"), *fields])
    sampled: list[TracedRequest] = []
    tell = OfferTraced(sampled.append, time.time)
    record = RECORD
    if start is not None and (trace := start(headers.get(b"traceparent"), None)) is not None:
        record = replace(RECORD, trace=trace)

    def request() -> None:
        if start is None:
            headers.trace_id()
            return
        trace = start(headers.get(b"traceparent"), headers.get(b"tracestate"))
        _ = headers.trace_id() if trace is None else trace.trace_id
        tell(record)
        sampled.clear()

    return microseconds(request)


def afterwards() -> float:
    """Per request, in batches as they are sent."""
    trace = StartTrace(SamplingRule(1.0), random.getrandbits)(None, None)
    assert trace is not None
    traced = TracedRequest(record=replace(RECORD, trace=trace), trace=trace, ended_at=1_700_000_000.0)
    server = ModelServer(system="openai", address="api.openai.com", port=443)
    spans = RequestSpans(Resource({"service.name": "g"}), "1", lambda _: server)
    batch = [traced] * MOST_REQUESTS

    def send() -> object:
        built = [span for request in batch for span in spans(request)]
        return encode_spans(built).SerializePartialToString()

    rounds = timeit.repeat(send, number=_BATCHES, repeat=9, timer=time.process_time)
    return min(rounds) / _BATCHES / len(batch) * 1e6


def rows() -> list[tuple[str, str]]:
    start = StartTrace(SamplingRule(0.0), random.getrandbits)
    every = StartTrace(SamplingRule(1.0), random.getrandbits)
    return [
        ("traces off", f"{on_the_path(None, None):.1f}"),
        ("a request that is not sampled", f"{on_the_path(start, None):.1f}"),
        ("the same when its caller decided that", f"{on_the_path(start, b'00'):.1f}"),
        ("a sampled request", f"{on_the_path(every, None):.1f}"),
        ("the same when its caller decided that", f"{on_the_path(every, b'01'):.1f}"),
        ("spans of a sampled request, built and encoded in the sender's thread", f"{afterwards():.1f}"),
    ]


def main() -> None:
    for name, cost in rows():
        print(f"{name:<72}{cost:>8}")


if __name__ == "__main__":
    main()
