"""A server on loopback that writes down every byte it gets, and answers what it is told to."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ACCESS = "acc3ss-0f-th3-server-7e57"


@dataclass(frozen=True)
class Received:
    """One request as it came: ``head`` without the empty line, ``body`` as far as its length says."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n")[0].decode("latin-1")

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """All headers in order, names in lower case: one that comes twice stands here twice."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name.lower(), value.removeprefix(" ")) for name, _, value in (line.partition(":") for line in lines)]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name.lower()]

    @property
    def is_grant(self) -> bool:
        return b"grant_type=" in self.head.split(b"\r\n")[0] or self.body.startswith((b"grant_type=", b'{"grant_type"'))


def http(status: int, body: str | bytes = b"", *headers: str, **named: str) -> bytes:
    """Return an answer; ``headers`` are lines, sent as they are in Latin-1."""
    content = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status} Some", f"Content-Length: {len(content)}", *headers]
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + content


def token_answer(access: str = ACCESS, **more: object) -> bytes:
    answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300, **more}
    return http(200, json.dumps(answer), "Content-Type: application/json")


def fine(request: Received) -> bytes:
    """Answer a grant with a token, and all else with a bit of JSON."""
    return token_answer() if request.is_grant else http(200, '{"fine": true}', "Content-Type: application/json")


class RecordingServer:
    """``raw`` is every byte that came, ``requests`` are the requests in it; ``answer`` may be replaced."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.raw = bytearray()
        self.requests: list[Received] = []
        self.answer: Callable[[Received], bytes] = fine
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def scheme(self) -> str:
        return "https" if self._context else "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def api(self) -> list[Received]:
        return [request for request in self.requests if not request.is_grant]

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, self._secured(connection) as stream:
                self._talk(stream)
        except OSError:
            return

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._context.wrap_socket(connection, server_side=True) if self._context else connection

    def _talk(self, stream: socket.socket) -> None:
        pending = b""
        while True:
            while (request := _first(pending)) is None:
                if not (more := stream.recv(65536)):
                    return
                self.raw += more
                pending += more
            received, pending = request
            self.requests.append(received)
            stream.sendall(self.answer(received))


def _first(pending: bytes) -> tuple[Received, bytes] | None:
    head, end, rest = pending.partition(b"\r\n\r\n")
    if not end:
        return None
    request = Received(head, b"")
    if "chunked" in "".join(request.all("transfer-encoding")):
        body, end, rest = rest.partition(b"0\r\n\r\n")
        return (Received(head, body), rest) if end else None
    length = int((request.all("content-length") or ["0"])[0])
    return (Received(head, rest[:length]), rest[length:]) if len(rest) >= length else None


@contextmanager
def recording_server(context: ssl.SSLContext | None = None) -> Iterator[RecordingServer]:
    server = RecordingServer(context)
    try:
        yield server
    finally:
        server.close()
