"""A server of things to wait for: it costs next to nothing, so what is measured is the client, and can be in trouble.

`python waits_server.py` prints `READY API_PORT CONTROL_PORT`, both on the loopback address. Every answer is rendered
before the first request. Whoever calls is taken for authorized.

- `POST /oauth2/token`: a token, at once.
- `GET /waiting?n=N`: 200 and a shipment that runs. `GET /absent?n=N`: the same with 404, which is how the HTTP
  provider's trigger is told to wait. `GET /finished?n=N`: 200 and a shipment that has finished.
- The control port takes lines: `mode MODE`, `mark`, `stats`. Each answers with all counts as one line of JSON.
  `mark` begins a new count of resources, of open connections and of the busiest second after that.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import time
from collections import Counter
from dataclasses import asdict, dataclass

WELL, REFUSE, HANG = "well", "refuse", "hang"
RETRY_AFTER_SECONDS = 5
STATUSES = {"401": b"", "403": b"", "429": b"Retry-After: %d\r\n" % RETRY_AFTER_SECONDS, "500": b""}
"""Modes that are an error status, and what their heads have besides."""
MODES = (*STATUSES, REFUSE, HANG)
BACKLOG = 16_384

SHIPMENT = (
    '{"id":7,"orgId":578,"title":"Greenhouse sensors 1.4.2","templateId":353,"status":"%s","targetVersion":"1.4.2",'
    '"startedAt":1702480430139,"shipmentProgress":{"total":2000,"success":1183,"failure":3,"pending":814}}'
)


@dataclass(slots=True)
class Stats:
    """What clients did since the start; those from ``open_at_once`` on since the last mark.

    ``last_new`` is when a resource was asked for that nobody had asked for before, on the system's monotonic clock.
    """

    token_requests: int = 0
    api_requests: int = 0
    connections: int = 0
    open_at_once: int = 0
    distinct: int = 0
    last_new: float = 0.0
    busiest_second: int = 0


class Site:
    """The answers, and the mode they depend on."""

    def __init__(self) -> None:
        self.mode = WELL
        self.transports: set[asyncio.Transport] = set()
        self.stats = Stats()
        self._seen: set[bytes] = set()
        self._by_second: Counter[int] = Counter()
        token = {"access_token": "t" * 40, "token_type": "Bearer", "expires_in": 86400}
        self._token = _answer(200, json.dumps(token).encode())
        self._waiting, self._absent = (_answer(status, (SHIPMENT % "RUN").encode()) for status in (200, 404))
        self._finished = _answer(200, (SHIPMENT % "FINISH").encode())
        error = b'{"error":{"message":"In trouble"}}'
        self._errors = {mode: _answer(int(mode), error, more) for mode, more in STATUSES.items()}

    def answer(self, target: bytes) -> bytes | None:
        """Count a request and return its whole answer; None: there will be none."""
        path, _, _ = target.partition(b"?")
        self._by_second[int(time.monotonic())] += 1
        if path == b"/oauth2/token":
            self.stats.token_requests += 1
            return self._token
        self.stats.api_requests += 1
        if target not in self._seen:
            self._seen.add(target)
            self.stats.last_new = time.monotonic()
        if self.mode == HANG:
            return None
        if error := self._errors.get(self.mode):
            return error
        if path == b"/finished":
            return self._finished
        return self._absent if path == b"/absent" else self._waiting

    def counted(self) -> Stats:
        """Return the counts, complete."""
        self.stats.distinct = len(self._seen)
        self.stats.busiest_second = max(self._by_second.values(), default=0)
        return self.stats

    def mark(self) -> None:
        """Begin to count anew what is counted since a mark."""
        self._seen.clear()
        self._by_second.clear()
        self.stats.open_at_once = len(self.transports)


class Exchange(asyncio.Protocol):
    """One connection: requests in turn, each answered before the next is read."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._unread = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, and count."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._site.transports.add(transport)
        self._site.stats.connections += 1
        self._site.stats.open_at_once = max(self._site.stats.open_at_once, len(self._site.transports))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        self._site.transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._unread[:end]).lower()
            _, found, after = head.partition(b"\r\ncontent-length:")
            end += 4 + (int(after.partition(b"\r\n")[0]) if found else 0)
            if len(self._unread) < end:
                return
            target = bytes(self._unread[:end]).split(b" ", 2)[1]
            del self._unread[:end]
            if answer := self._site.answer(target):
                self._transport.write(answer)
            if b"\r\nconnection: close" in head:
                self._transport.close()


class Service:
    """The site on a port that can be closed, and the port that tells it to."""

    def __init__(self, site: Site) -> None:
        self._site, self._port = site, 0
        self._server: asyncio.Server | None = None

    async def serve(self) -> None:
        """Open both ports, say so, and serve for ever."""
        await self._listen()
        control = await asyncio.start_server(self._control, "127.0.0.1", 0)
        print(f"READY {self._port} {control.sockets[0].getsockname()[1]}", flush=True)
        await control.serve_forever()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Exchange(self._site), "127.0.0.1", self._port, backlog=BACKLOG, reuse_address=True
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().split():
            if line[0] == "mode":
                await self._change(line[1])
            writer.write(json.dumps(asdict(self._site.counted())).encode() + b"\n")
            if line[0] == "mark":
                self._site.mark()
        writer.close()

    async def _change(self, mode: str) -> None:
        self._site.mode = mode
        if mode == REFUSE and self._server is not None:
            self._server.close()
            self._server = None
            for transport in list(self._site.transports):
                transport.abort()
        elif mode != REFUSE and self._server is None:
            await self._listen()


def _answer(status: int, body: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % (status, len(body))
    return head + more + b"\r\n" + body


if __name__ == "__main__":
    _, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _most))
    gc.freeze()
    asyncio.run(Service(Site()).serve())
