"""What the rows for both drivers are served by, and the words that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers import Ask
from hostile_server import Answer, Came, HostileServer, Peer, hostile_server, http
from paging_server import PagingServer, paging_server

from airflow_provider_orgauth.emulator.handle import Emulator

SECRET = "s3cr3t-part"
TOKEN = "acc3ss"
BACKOFF = ((0, 0.5), (0, 1.0))
NONE: tuple[Any, ...] = ()


# Servers


@dataclass
class Raw:
    """A server that answers byte for byte as a row says."""

    server: HostileServer
    scheme: str = "http"
    extra: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.port}"

    def requests(self) -> list[str]:
        return [came.line for came in self.sent()]

    def sent(self) -> list[Came]:
        return [came for came in self.server.came if "/oauth2/token" not in came.line]

    def tokens(self) -> int:
        return len(self.server.came) - len(self.sent())

    def anonymous(self, text: str) -> str:
        for port in (str(self.server.port), *self.more):
            text = text.replace(port, "PORT")
        return text


def raw(*api: bytes | Answer, token: tuple[bytes | Answer, ...] = (), **extra: Any) -> Callable[[Path], Any]:
    """Answer with one after the other, and then with the last again."""

    @contextmanager
    def serves(_: Path) -> Iterator[Raw]:
        with hostile_server(api=in_turn(api), token=in_turn(token) if token else None) as server:
            yield Raw(server, extra=extra)

    return serves


def in_turn(answers: tuple[bytes | Answer, ...]) -> Answer:
    left = list(answers)

    def answer(peer: Peer) -> None:
        now = left.pop(0) if len(left) > 1 else left[0]
        if callable(now):
            now(peer)
        else:
            peer.send(now.replace(b"HOST", b"http://" + peer.came.headers["host"].encode()))

    return answer


def status(line: str, *headers: str, body: bytes = b"{}") -> bytes:
    return http(body, *headers, status=line)


def closing(data: bytes) -> Answer:
    def answer(peer: Peer) -> None:
        peer.send(data)
        peer.done = True

    return answer


def reset(peer: Peer) -> None:
    peer.done = True


def held(peer: Peer) -> None:
    peer.stop.wait()


def trickle(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    peer.drip(b"x" * 5000, pause=0.05)


@dataclass
class Emulated:
    emulator: Emulator
    extra: Mapping[str, Any]
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.emulator.url

    def requests(self) -> list[str]:
        return [
            f"{one['method']} {one['path']} {one['status']} {one['access_token']} {one['body_bytes']}"
            for one in self._all()
            if one["path"] != "/oauth2/token"
        ]

    def sent(self) -> list[Came]:
        return []

    def tokens(self) -> int:
        return len([one for one in self._all() if one["path"] == "/oauth2/token"])

    def anonymous(self, text: str) -> str:
        return text.replace(self.emulator.url.rpartition(":")[2], "PORT")

    def _all(self) -> list[dict[str, Any]]:
        return list(self.emulator.requests())


@dataclass
class Paged:
    server: PagingServer
    extra: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    def requests(self) -> list[str]:
        return [f"{query} {body}" for query, body in zip(self.server.queries, self.server.bodies, strict=True)]

    def sent(self) -> list[Came]:
        return []

    def tokens(self) -> int:
        return self.server.calls["/oauth2/token"]

    def anonymous(self, text: str) -> str:
        return text.replace(self.server.url.rpartition(":")[2], "PORT")


def paged(length: int, **about: Any) -> Callable[[Path], Any]:
    @contextmanager
    def serves(_: Path) -> Iterator[Paged]:
        with paging_server(length) as server:
            for name, value in about.items():
                setattr(server, name, value)
            yield Paged(server)

    return serves


# Calls


def run(endpoint: str = "/x", **about: Any) -> tuple[Ask, ...]:
    return (Ask("run", endpoint, about),)


def post(**about: Any) -> tuple[Ask, ...]:
    return run(method="POST", **{"json": {"a": 1}, **about})


def in_session(endpoint: str = "/x", **about: Any) -> tuple[Ask, ...]:
    return (Ask("session", endpoint, about),)


OK = http(b'{"ok": 1}')
GOOD = r'^200 \{"ok": 1\}$'
