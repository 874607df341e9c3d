"""A proxy before the object store that answers one kind of request in its own way. All else goes through unchanged."""

from __future__ import annotations

import http.client
import math
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

ERROR = "<Error><Code>{code}</Code><Message>{message}</Message></Error>"


class LossyProxy:
    """Forwards to `endpoint`; a context manager.

    Args:
        endpoint: the store, as `endpoint_url` wants it.
    """

    def __init__(self, endpoint: str) -> None:
        self._store = urlsplit(endpoint).netloc
        self._losing = self._held = ("", "-")
        self.is_holding = threading.Event()
        self._is_released = threading.Event()
        self._failing = ("", "-")
        self._failure = (0, "", False)
        self._failures_left = 0.0
        self._rewriting = ("", "-")
        self._rewrite: Callable[[bytes], bytes] = bytes
        self.lost = 0
        self.failed = 0

    @property
    def endpoint(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def refuse(self, part: str, *, method: str) -> None:
        """Answer requests of the method, with this in their target, with 403, and do not forward them."""
        self.fail(part, method=method, status=403, code="AccessDenied")

    def fail(
        self, part: str, *, method: str, status: int, code: str, times: float = math.inf, is_done: bool = False
    ) -> None:
        """Answer such requests with an error of S3's, so many times; status 0 resets the connection.

        Args:
            is_done: forward them all the same: the store has done what it says it has not.
        """
        self._failing, self._failure, self._failures_left = (method, part), (status, code, is_done), times

    def hold(self, part: str, *, method: str) -> None:
        """Keep such requests waiting, before they are forwarded, until `release`; `is_holding` tells of the first."""
        self._held = (method, part)

    def release(self) -> None:
        """Forward what waits."""
        self._is_released.set()

    def rewrite(self, part: str, change: Callable[[bytes], bytes], *, method: str) -> None:
        """Change what the store answers to such requests."""
        self._rewriting, self._rewrite = (method, part), change

    def lose_answer(self, part: str, *, method: str) -> None:
        """Forward the first such request and close the connection instead of answering; answer the next with 404."""
        self._losing = (method, part)

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                if self.headers.get("Expect", "").lower() == "100-continue":
                    pass  # parse_request has answered it
                proxy._handle(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))

        def concerns(rule: tuple[str, str]) -> bool:
            return request.command == rule[0] and rule[1] in request.path

        if concerns(self._held):
            self.is_holding.set()
            self._is_released.wait(60)
        if concerns(self._failing) and self._failures_left > 0:
            self._fail(request, body)
            return
        if concerns(self._losing) and self.lost:
            self._answer(request, 404, ERROR.format(code="NoSuchUpload", message="No such upload").encode())
            return
        status, headers, content = self._forward(request, body)
        if concerns(self._rewriting):
            content = self._rewrite(content)
        if concerns(self._losing):
            self.lost += 1
            request.close_connection = True
            return
        self._answer(request, status, content, headers)

    def _fail(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.failed += 1
        self._failures_left -= 1
        status, code, is_done = self._failure
        if is_done:
            self._forward(request, body)
        if status:
            message = {"AccessDenied": "Access Denied"}.get(code, f"The store says {code}.")
            self._answer(request, status, ERROR.format(code=code, message=message).encode())
        else:
            request.close_connection = True
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self._store, timeout=60)
        try:
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():  # the host as well: it is signed
                if name.lower() != "expect":
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    @staticmethod
    def _answer(
        request: BaseHTTPRequestHandler, status: int, content: bytes, headers: list[tuple[str, str]] | None = None
    ) -> None:
        request.send_response_only(status)
        length = str(len(content))
        for name, value in headers or []:
            if name.lower() == "content-length" and request.command == "HEAD":
                length = value
            elif name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                request.send_header(name, value)
        if status != 204:
            request.send_header("Content-Length", length)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)
