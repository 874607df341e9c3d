"""A server on loopback that spans are sent to, by OTLP over HTTP: what an OpenTelemetry collector would get."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """A span that has ended.

    :param scope: who made it: the name of a tracer.
    """

    name: str
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    scope: str
    attributes: dict[str, Any]


class OtlpServer(ThreadingHTTPServer):
    """Takes spans at ``/v1/traces``.

    :ivar bodies: what was sent, byte for byte.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []

    @property
    def environment(self) -> dict[str, str]:
        """What makes an Airflow send its spans here, half a second after they have ended."""
        return {
            "AIRFLOW__TRACES__OTEL_ON": "True",
            "OTEL_TRACES_EXPORTER": "otlp_proto_http",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{self.server_address[1]}/v1/traces",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
        }

    def spans(self) -> list[Span]:
        """Return all spans so far."""
        return [span for body in list(self.bodies) for span in _spans(body)]

    def own_spans(self) -> list[Span]:
        """Return those of this package."""
        return [span for span in self.spans() if span.scope == "airflow_provider_orgauth"]


def _spans(body: bytes) -> Iterator[Span]:
    for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                attributes = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
                ids = (span.trace_id, span.span_id, span.parent_span_id)
                yield Span(span.name, *ids, of_scope.scope.name, attributes)


class _Handler(BaseHTTPRequestHandler):
    server: OtlpServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def otlp_server() -> Iterator[OtlpServer]:
    with OtlpServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
