"""A server on loopback that writes down the trace context of each request, and answers 503 before it answers 200."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TraceServer(ThreadingHTTPServer):
    """``/oauth2/token`` gives a token.

    :ivar traceparents: the header ``traceparent`` of each request, or None, the token endpoint's first.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.traceparents: list[str | None] = []

    def connection_json(self, **extra: object) -> str:
        about = {"conn_type": "orgauth", "host": f"http://127.0.0.1:{self.server_address[1]}", "login": "id"}
        return json.dumps(about | {"password": "s3cr3t", "extra": {"cache": "memory", **extra}})


class _Handler(BaseHTTPRequestHandler):
    server: TraceServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.traceparents.append(self.headers.get("traceparent"))
        body = json.dumps({"access_token": "acc3ss", "token_type": "Bearer", "expires_in": 300}).encode()
        self.send_response(503 if len(self.server.traceparents) == 2 else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def trace_server() -> Iterator[TraceServer]:
    with TraceServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
