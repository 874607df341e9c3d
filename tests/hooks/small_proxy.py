"""A forward proxy on loopback: for http it sends requests on, for https it makes a tunnel (RFC 9110 section 9.3.6)."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

WANTS_CREDENTIALS = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
)

Answer = Callable[[socket.socket], None]


class SmallProxy:
    """Forwards each request, or gives it an answer of its own.

    :param credentials: ``user:password`` that it wants to see; otherwise it answers 407.
    :param answer: sends what it answers in place of forwarding; the connection is closed then.
    :ivar requests: the request lines that came, in order.
    """

    def __init__(self, credentials: str = "", answer: Answer | None = None) -> None:
        encoded = base64.b64encode(credentials.encode()).decode()
        self._wanted = f"proxy-authorization: basic {encoded}".lower() if credentials else ""
        self.answer = answer
        self.requests: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._thread(self._accept)

    def stop(self) -> None:
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(10)

    def _thread(self, target: Callable[..., None], *args: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self._thread(self._serve, connection)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head and (piece := client.recv(65536)):
                head += piece
            if not head:
                return
            lines, _, rest = head.decode("latin-1").partition("\r\n\r\n")
            line, *headers = lines.split("\r\n")
            self.requests.append(line.rpartition(" ")[0])
            if self._wanted and self._wanted not in (header.lower() for header in headers):
                client.sendall(WANTS_CREDENTIALS)
            elif self.answer is not None:
                self.answer(client)
            else:
                self._forward(client, line, headers, rest)

    def _forward(self, client: socket.socket, line: str, headers: list[str], rest: str) -> None:
        method, target, version = line.split(" ")
        address = target if method == "CONNECT" else urlsplit(target).netloc
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as server:
            self._open.append(server)
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = target.partition(address)[2]
                kept = [header for header in headers if not header.lower().startswith("proxy-")]
                server.sendall("\r\n".join([f"{method} {path} {version}", *kept, "", rest]).encode("latin-1"))
            back = self._thread(_pump, server, client)
            _pump(client, server)
            back.join(10)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def small_proxy(credentials: str = "", answer: Answer | None = None) -> Iterator[SmallProxy]:
    """Run one while the context lasts."""
    proxy = SmallProxy(credentials, answer)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
