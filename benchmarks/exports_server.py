"""A server of device pages that costs next to nothing: what is measured is the client.

`python exports_server.py --pages 200 --latency 50` prints `READY http://127.0.0.1:PORT`. Every answer is rendered
before the first request, so that a request costs its parsing, tens of microseconds, and one `send`.

- `POST /oauth2/token?grant_type=client_credentials` with Basic credentials: a token, at once.
- `GET /api/v1/organization/devices?page=&size=1000`: `{"content": [...], "totalElements": N}`, after the latency; past
  the last page `content` is empty. 401 without a token that was given out here.
- `GET /api/v1/organization/profile`: the organization, after the latency.
- `GET /_stats`, without a token: what was counted. Neither it nor a connection used only for it counts.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs

LOGIN, PASSWORD = "oa2-client-id_benchmark", "benchmark-secret"
PAGE_SIZE = 1000
ORGANIZATION_ID = 578
PREFIX = b"/api/v1/organization/"
DEVICE = (
    '{"id":%d,"name":"Greenhouse sensor %07d","templateId":353,"originalTemplateId":353,"orgId":578,'
    '"token":"ObArJM-%025d","activatedAt":%d,"ownerUserId":879,"hardwareInfo":{"version":"1.0.0",'
    '"fwType":"TMPL0NqfCLjWX","blynkVersion":"1.0.0","boardType":"ESP8266","build":"1","templateId":"TMPL0NqfCLjWX"}}'
)


@dataclass(slots=True)
class Stats:
    """What clients did. ``cpu_seconds``: the server's own, since it was ready."""

    token_requests: int = 0
    api_requests: int = 0
    connections: int = 0
    refused: int = 0
    cpu_seconds: float = 0.0


class Site:
    """The answers, and who may have them.

    Args:
        pages: how many pages of PAGE_SIZE devices there are.
        latency: seconds before an answer of the API is sent.
        token_latency: seconds before a token is sent.
    """

    def __init__(self, pages: int, latency: float, token_latency: float) -> None:
        self.latency, self.token_latency = latency, token_latency
        self.stats = Stats()
        self.pages = [_answer(200, page) for page in pages_of(pages)]
        self.past_the_end = _answer(200, json.dumps({"content": [], "totalElements": pages * PAGE_SIZE}).encode())
        self.profile = _answer(200, b'{"id":%d,"name":"Benchmark"}' % ORGANIZATION_ID)
        self._basic = b"Basic " + b64encode(f"{LOGIN}:{PASSWORD}".encode())
        self._tokens: set[bytes] = set()
        self._cpu_before = time.process_time()

    def answer(self, method: bytes, target: bytes, authorization: bytes) -> tuple[bytes, float]:
        """Return the whole answer, head and body, and the seconds to hold it back."""
        path, _, query = target.partition(b"?")
        if path == b"/_stats":
            self.stats.cpu_seconds = time.process_time() - self._cpu_before
            return _answer(200, json.dumps(asdict(self.stats)).encode()), 0.0
        if path == b"/oauth2/token":
            self.stats.token_requests += 1
            return self._token(method, query, authorization), self.token_latency
        self.stats.api_requests += 1
        scheme, _, token = authorization.partition(b" ")
        if scheme != b"Bearer" or token not in self._tokens:
            return self._refuse(401, b"Unauthorized"), self.latency
        if path == PREFIX + b"devices":
            return self._devices(query), self.latency
        if path == PREFIX + b"profile":
            return self.profile, self.latency
        return self._refuse(404, b"Not found"), self.latency

    def _token(self, method: bytes, query: bytes, authorization: bytes) -> bytes:
        grant = parse_qs(query.decode("latin-1")).get("grant_type")
        if method != b"POST" or grant != ["client_credentials"]:
            self.stats.refused += 1
            return _answer(400, b'{"error":"unsupported_grant_type"}')
        if authorization != self._basic:
            self.stats.refused += 1
            return _answer(400, b'{"error":"invalid_client"}')
        token = secrets.token_urlsafe(30)
        self._tokens.add(token.encode())
        pair = {"access_token": token, "token_type": "Bearer", "expires_in": 86400, "refresh_token": None}
        return _answer(200, json.dumps(pair).encode())

    def _devices(self, query: bytes) -> bytes:
        fields = dict(part.split(b"=", 1) for part in query.split(b"&") if b"=" in part)
        if fields.get(b"size") != b"%d" % PAGE_SIZE:
            return self._refuse(400, b"Only pages of %d were rendered" % PAGE_SIZE)
        page = int(fields.get(b"page", b"0"))
        return self.pages[page] if page < len(self.pages) else self.past_the_end

    def _refuse(self, status: int, message: bytes) -> bytes:
        self.stats.refused += 1
        return _answer(status, b'{"error":{"message":"%s"}}' % message)


class Exchange(asyncio.Protocol):
    """One connection: requests in turn, each answered before the next is read."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._loop = asyncio.get_running_loop()
        self._unread = bytearray()
        self._waiting: asyncio.TimerHandle | None = None
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Answer nobody."""
        if self._waiting:
            self._waiting.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, unless an answer is being held back."""
        self._unread += data
        if self._waiting is None:
            self._next()

    def _next(self) -> None:
        end = self._unread.find(b"\r\n\r\n")
        if end < 0:
            return
        request, *lines = bytes(self._unread[:end]).split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        end += 4 + int(headers.get(b"content-length", b"0"))
        if len(self._unread) < end:
            return
        del self._unread[:end]
        method, target, _ = request.split(b" ", 2)
        if not self._counted and target != b"/_stats":
            self._counted = True
            self._site.stats.connections += 1
        answer, wait = self._site.answer(method, target, headers.get(b"authorization", b""))
        close = headers.get(b"connection", b"").lower() == b"close"
        if wait:
            self._waiting = self._loop.call_later(wait, self._send, answer, close)
        else:
            self._send(answer, close)

    def _send(self, answer: bytes, close: bool) -> None:
        self._waiting = None
        self._transport.write(answer)
        if close:
            self._transport.close()
        elif self._unread:
            self._next()


def pages_of(pages: int) -> Iterator[bytes]:
    """Yield the bodies."""
    total = pages * PAGE_SIZE
    for first in range(1, total + 1, PAGE_SIZE):
        devices = (DEVICE % (n, n, n, 1702480430139 + n) for n in range(first, first + PAGE_SIZE))
        yield f'{{"content":[{",".join(devices)}],"totalElements":{total}}}'.encode()


def _answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


async def _serve(site: Site) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(site), "127.0.0.1", 0, backlog=1024)
    host, port = server.sockets[0].getsockname()
    print(f"READY http://{host}:{port}", flush=True)
    await server.serve_forever()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve pages of devices on a free port of the loopback address.")
    parser.add_argument("--pages", type=int, default=200, help=f"of {PAGE_SIZE} devices each (default: 200)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="of the API's answers (default: 0)")
    parser.add_argument("--token-latency", type=float, default=0.0, metavar="MS", help="of a token (default: 0)")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _arguments()
    site = Site(arguments.pages, arguments.latency / 1000, arguments.token_latency / 1000)
    gc.freeze()  # a collection would be paid by whoever is being measured
    asyncio.run(_serve(site))
