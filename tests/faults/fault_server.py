"""An Organization API on a raw socket: well-behaved, until a fault takes a request into its own hands."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPMessage, parse_headers
from urllib.parse import unquote, urlsplit

from placed import Reader

from airflow_provider_orgauth.emulator.core import Core
from airflow_provider_orgauth.emulator.messages import Answer, Request, form_pairs
from airflow_provider_orgauth.emulator.token_endpoint import TOKEN_PATH, read_token_request

PATIENCE = 20
"""Seconds after which the server gives up on a client that says nothing."""


@dataclass(frozen=True)
class Seen:
    """A request that came: to which port, to the token endpoint or not, what it was for, and all of it as a text."""

    port: int
    to_token_endpoint: bool
    what: str
    text: str


@dataclass
class Records:
    """What the sockets of an organization have in common.

    :ivar seen: the requests, in order.
    :ivar access_tokens: every one that was given out; ``refresh_tokens`` likewise.
    """

    core: Core
    reader: Reader
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: list[Seen] = field(default_factory=list)
    access_tokens: list[str] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)

    def carry_out(self, request: Request) -> Answer:
        """Do what a request asks for that came as the emulator reads it."""
        with self.lock:
            answer = self.core.carry_out(request).answer
            if request.path == TOKEN_PATH and answer.status == 200:
                given = json.loads(answer.body)
                self.access_tokens.append(given["access_token"])
                self.refresh_tokens.append(given["refresh_token"])
            return answer


class Wire:
    """One request, and the connection that waits for its answer."""

    def __init__(self, server: Organization, connection: socket.socket, request: Request, target: str) -> None:
        self.server = server
        self.request = request
        self.target = target
        self.whole = False
        """The answer came to its end: the connection can go on."""
        self._connection = connection

    @property
    def to_token_endpoint(self) -> bool:
        return self.request.path == TOKEN_PATH

    def answer(self) -> Answer:
        """Do what was asked."""
        records = self.server.records
        return records.carry_out(records.reader.read(self.request, self._connection, now=records.core.now()))

    @property
    def credential(self) -> str:
        """What a header says of who asks: the client, or the token."""
        headers = self.request.headers
        return headers.get(self.server.records.reader.api_header[0], "") or headers.get("authorization", "")

    def echo(self) -> str:
        """Say back what the client sent, credentials included, as careless servers do."""
        return f"{self.request.method} {self.target} ({self.credential}) {self.request.body.decode()}".rstrip()

    def send(self, data: bytes) -> bool:
        """Send bytes; tell whether anybody is still there for more."""
        try:
            self._connection.sendall(data)
        except OSError:
            return False
        return not self.server.stopped.is_set()

    def reply(self, answer: Answer) -> None:
        """Send a whole answer, as a well-behaved server does."""
        self.whole = self.send(http(answer))

    def drip(self, data: bytes, pause: float) -> None:
        """Send a byte, wait, send the next."""
        for byte in data:
            if not self.send(bytes([byte])) or self.server.stopped.wait(pause):
                return

    def hold(self) -> None:
        """Say nothing more until the client has gone."""
        while not self.server.stopped.is_set():
            self._connection.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                if not self._connection.recv(1):
                    return

    def reset(self) -> None:
        """Close with RST: lingering zero seconds makes the kernel drop what is unsent and not say goodbye."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


Act = Callable[[Wire], None]


class Organization:
    """An emulator's rules behind a socket of our own.

    :param records: shared by all sockets of one organization.
    :param context: speak TLS; replaced at any time, for the connections that come then.
    :ivar slam: how many connections to close as soon as they come.
    :ivar elsewhere: another server, to which redirects lead.
    """

    def __init__(self, records: Records, context: ssl.SSLContext | None = None) -> None:
        self.records = records
        self.context = context
        self.slam = 0.0
        self.elsewhere = Elsewhere()
        self.stopped = threading.Event()
        self._listening = threading.Event()
        self._lock = threading.Lock()
        self._fault: tuple[bool, Act, float] | None = None
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        # Asked for by number, a port stays a socket's own while it does not listen. Until then, the first keeps it.
        with socket.socket() as first:
            first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            first.bind(("127.0.0.1", 0))
            self.port: int = first.getsockname()[1]
            self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listening.set()
        self._thread(self._accept)

    def break_down(self, act: Act, *, at_token_endpoint: bool, times: float) -> None:
        """Let ``act`` answer the next ``times`` requests to the token endpoint, or to the API."""
        with self._lock:
            self._fault = (at_token_endpoint, act, times)

    def recover(self) -> None:
        """Be well again."""
        with self._lock:
            self._fault = None
        self.slam = 0
        self.accept_again()

    def refuse(self) -> None:
        """Listen no more: connections are refused. The port stays ours."""
        self._listening.clear()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()

    def accept_again(self) -> None:
        """Listen again, if it was not listening."""
        if not self._listening.is_set():
            self._listener.listen()
            self._listening.set()

    def hang_up(self) -> None:
        """Close what is open."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self.stopped.set()
        self.refuse()
        self._listening.set()
        self._listener.close()
        self.elsewhere.stop()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _thread(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            self._listening.wait()
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            self._thread(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            connection.settimeout(PATIENCE)
            if self.slam >= 1:
                self.slam -= 1
                connection.close()
                return
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                self._open.add(connection)
                try:
                    self._talk(connection)
                finally:
                    self._open.discard(connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as file:
            while not self.stopped.is_set() and (line := file.readline()):
                method, target, _ = line.decode("latin-1").split(" ")
                headers = parse_headers(file)
                body = file.read(int(headers.get("Content-Length", 0)))
                wire = Wire(self, connection, _request(method, target, headers, body), target)
                act = self._act(wire)
                if act is None:
                    wire.reply(wire.answer())
                else:
                    act(wire)
                if not wire.whole:
                    return

    def _act(self, wire: Wire) -> Act | None:
        """Note the request; return the fault that is meant for it, and count it down."""
        request, is_grant = wire.request, wire.to_token_endpoint
        what = read_token_request(request).grant if is_grant else request.method
        text = f"{wire.target}\n{request.headers}\n{request.body.decode()}"
        with self._lock:
            self.records.seen.append(Seen(self.port, is_grant, what, text))
            if is_grant:
                self.records.reader.note(request)
            if self._fault is None or self._fault[0] != wire.to_token_endpoint or self._fault[2] < 1:
                return None
            where, act, left = self._fault
            self._fault = (where, act, left - 1)
            return act


def http(answer: Answer) -> bytes:
    """Return an answer as bytes."""
    return head(answer.status, *answer.headers, ("Content-Length", str(len(answer.body)))) + answer.body


def head(status: int, *headers: tuple[str, str]) -> bytes:
    """Return a status line and headers."""
    lines = [f"HTTP/1.1 {status} Some", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


class Elsewhere:
    """A server to which nothing of ours may go."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]

    def came(self) -> bool:
        """Tell whether somebody came all the same."""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def stop(self) -> None:
        self._listener.close()


def _request(method: str, target: str, headers: HTTPMessage, body: bytes) -> Request:
    parts = urlsplit(target)
    return Request(
        method=method,
        path=unquote(parts.path),
        query=form_pairs(parts.query),
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
    )
