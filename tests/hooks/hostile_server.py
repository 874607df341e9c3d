"""A server on loopback whose answers are what a test says, byte for byte; it keeps no rule of HTTP by itself."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

TOKEN_ANSWER = b'{"access_token": "acc3ss", "token_type": "Bearer", "expires_in": 300}'

Answer = Callable[["Peer"], None]


@dataclass(frozen=True)
class Came:
    """A request as it came: ``GET /x``, headers by their names in small letters, and the body without its chunks."""

    line: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """The client at the other end, gone as soon as nothing can be sent to it."""

    def __init__(self, connection: socket.socket, stop: threading.Event) -> None:
        self._connection = connection
        self.stop = stop
        self.came = Came("", {}, b"")
        """The request that is to be answered."""
        self.done = False
        """Set it to have the connection closed after this answer."""

    def send(self, data: bytes) -> bool:
        """Send bytes; tell whether the client is still there."""
        try:
            self._connection.sendall(data)
        except OSError:
            return False
        return not self.stop.is_set()

    def drip(self, data: bytes, *, pause: float) -> bool:
        """Send a byte, then wait, and so on."""
        return all(self.send(bytes([byte])) and not self.stop.wait(pause) for byte in data)


class HostileServer:
    """Answers the token endpoint and everything else, each as it was told.

    :param api: sends the answer of everything else; None: an empty JSON object.
    :param token: sends the answer of the token endpoint; None: a good one.
    :ivar requests: the request lines that came, in order.
    :ivar came: the same requests, whole.
    :ivar connections: how many there were.
    :ivar context: TLS of the connections that come from now on.
    """

    def __init__(self, *, api: Answer | None, token: Answer | None, context: ssl.SSLContext | None = None) -> None:
        self._answers = {True: token or (lambda peer: peer.send(http(TOKEN_ANSWER))), False: api or _empty}
        self.context = context
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.requests: list[str] = []
        self.came: list[Came] = []
        self.connections = 0

    def start(self) -> None:
        self._thread(self._accept)

    def refuse(self) -> None:
        """Let nobody connect any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def stop(self) -> None:
        self._stop.set()
        self.refuse()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _thread(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._thread(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            connection.settimeout(10)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)  # the other is a shell now
            stack.enter_context(connection)
            peer = Peer(connection, self._stop)
            file = stack.enter_context(connection.makefile("rb"))
            while not self._stop.is_set() and (line := file.readline()):
                headers = {}
                while (header := file.readline()).strip():
                    name, _, value = header.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                peer.came = Came(line.decode().rpartition(" ")[0], headers, _body(file, headers))
                self.came.append(peer.came)
                self.requests.append(peer.came.line)
                self._answers[b" /oauth2/token" in line](peer)
                if peer.done:
                    return


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole answer as a well-behaved server writes it."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def hostile_server(
    *, api: Answer | None = None, token: Answer | None = None, context: ssl.SSLContext | None = None
) -> Iterator[HostileServer]:
    """Run one while the context lasts."""
    server = HostileServer(api=api, token=token, context=context)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _empty(peer: Peer) -> None:
    peer.send(http(b"{}"))


def _body(file: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return file.read(int(headers.get("content-length", 0)))
    body = b""
    while length := int(file.readline() or b"0", 16):
        body += file.read(length)
        file.readline()
    file.readline()
    return body
