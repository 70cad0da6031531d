"""OtlpCollector: receives OTLP over HTTP on a real socket, and decodes it as a collector does."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import trustme
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

PROTOBUF = "application/x-protobuf"
CLIENT, SERVER = 3, 2  # SpanKind
ERROR = 2  # StatusCode
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Span:
    """Ids in hex, times in nanoseconds, attributes as plain values."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    state: str
    start: int
    end: int
    failed: bool
    attributes: dict[str, Any]
    events: dict[str, dict[str, Any]]
    resource: dict[str, Any]


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": PROTOBUF})
    body: bytes = ExportTraceServiceResponse().SerializeToString()
    cut: bool = False  # breaks off within the body


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that did not wait for its answer."""


class OtlpCollector:
    """`answer` may be changed at any time; with `silent` set nobody is answered until it is cleared."""

    def __init__(self, *, tls: trustme.LeafCert | None = None) -> None:
        self.answer = Answer()
        self.silent = threading.Event()
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self._news = threading.Condition()
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def received(self) -> bytes:
        """All bodies, as the bytes that they are when nothing compresses them."""
        return b"".join(body for _, _, body in self.posts)

    def spans(self) -> list[Span]:
        return [span for _, _, body in list(self.posts) for span in _decoded(body)]

    def until(self, spans: int) -> list[Span]:
        """Wait for so many; all there are then, a parent before what it called."""
        with self._news:
            came = self._news.wait_for(lambda: len(self.spans()) >= spans, _PATIENCE_S)
        assert came, f"{len(self.spans())} of {spans} spans came"
        return sorted(self.spans(), key=lambda span: (span.start, span.kind))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                while collector.silent.is_set() and not collector._over.wait(0.01):
                    pass
                answer = collector.answer
                self.send_response(answer.status)
                for name, value in {
                    **answer.headers,
                    "content-length": str(len(answer.body) + answer.cut),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)
                with collector._news:
                    collector.posts.append((self.path, headers, body))
                    collector._news.notify_all()

            def log_message(self, *_arguments: object) -> None:
                pass

        return Handler


def _decoded(body: bytes) -> Iterable[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    for group in request.resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Span(
                    name=span.name,
                    kind=span.kind,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    state=span.trace_state,
                    start=span.start_time_unix_nano,
                    end=span.end_time_unix_nano,
                    failed=span.status.code == ERROR,
                    attributes=_plain(span.attributes),
                    events={event.name: _plain(event.attributes) for event in span.events},
                    resource=_plain(group.resource.attributes),
                )


def _plain(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None
