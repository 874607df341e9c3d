"""A server on loopback whose answers say which request they are for, and over which connection it came."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class EchoServer(ThreadingHTTPServer):
    """``/oauth2/token`` gives tokens; to anything else, the answer is the path and the client's port, as JSON.

    :ivar padding: bytes that each answer has besides.
    :ivar lifetime: seconds for which a token is said to be good.
    :ivar ports: the clients' ports of all requests, the token endpoint's too.
    :ivar tokens: how many were given.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "http" if tls is None else "https"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.padding = 0
        self.lifetime = 300
        self.tokens = 0
        self.ports: list[int] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def connection_json(self, **extra: Any) -> str:
        extra = {"cache": "memory", "timeout": 10, **extra}
        return json.dumps(
            {"conn_type": "orgauth", "host": self.url, "login": "id", "password": "s3cr3t", "extra": extra}
        )


class _Handler(BaseHTTPRequestHandler):
    server: EchoServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.ports.append(self.client_address[1])
            self.server.tokens += "/oauth2/token" in self.path
            number = self.server.tokens
        answer: dict[str, Any] = {
            "path": self.path,
            "port": self.client_address[1],
            "padding": "x" * self.server.padding,
        }
        if "/oauth2/token" in self.path:
            answer = {"access_token": f"t0k3n-{number}", "token_type": "Bearer", "expires_in": self.server.lifetime}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self._headers_buffer.append(b"\r\n" + content)  # in one packet
        self.flush_headers()

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client went away


@contextmanager
def echo_server(tls: ssl.SSLContext | None = None) -> Iterator[EchoServer]:
    """Run one while the context lasts."""
    with EchoServer(tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)
