"""A server on loopback that gives one list in every way that servers give lists in pages."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Headers = dict[str, str]
Reply = tuple[Any, Headers]
"""What the JSON of the answer is, and headers; bytes are sent in place of JSON; None is a 204."""


class PagingServer(ThreadingHTTPServer):
    """``GET /things/<way>`` for each method ``_<way>``; ``POST /oauth2/token`` gives the token that they want.

    :ivar length: how many records there are, numbered from 1; a test may change it while pages are read.
    :ivar limit: the most records of a page, whatever was asked for.
    :ivar foreign: the origin that ``/things/elsewhere`` leads to.
    :ivar before: called with the number of the list request, from 1, before it is answered.
    :ivar broken: the numbers of list requests whose answer breaks off in the middle.
    :ivar calls: how often each path was asked for, the token endpoint's too.
    :ivar odd: the link that ``/things/odd_link`` gives.
    :ivar queries: the queries of the list requests, in the order in which they came.
    :ivar bodies: their bodies, as JSON; ``{}`` where there was none.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, length: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.length = length
        self.limit = 1000
        self.foreign = "https://evil.example"
        self.before: Callable[[int], None] = lambda number: None
        self.broken: frozenset[int] = frozenset()
        self.odd = ""
        self.scrolled = 0
        self.calls: Counter[str] = Counter()
        self.unauthorized = 0
        self.queries: list[dict[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self._token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def connection_json(self) -> str:
        extra = {"cache": "memory", "timeout": 10}
        return json.dumps(
            {"conn_type": "orgauth", "host": self.url, "login": "id", "password": "s3cr3t-part", "extra": extra}
        )

    def records(self, start: int, size: int) -> list[dict[str, Any]]:
        end = min(start + min(size, self.limit), self.length)
        return [{"id": number, "name": f"thing {number}", "at": number / 8} for number in range(start + 1, end + 1)]

    def new_token(self) -> str:
        with self.lock:
            self._token = f"t0k3n-{self.calls['/oauth2/token']}"
        return self._token

    def revoke(self) -> None:
        """Take the token back: who still sends it gets a 401."""
        with self.lock:
            self._token = ""

    def allows(self, authorization: str | None) -> bool:
        with self.lock:
            allowed = bool(self._token) and authorization == f"Bearer {self._token}"
            self.unauthorized += not allowed
        return allowed

    def reply(self, way: str, query: dict[str, str], body: dict[str, Any], path: str) -> Reply:
        return getattr(self, f"_{way}")(query, body, f"{self.url}{path}")

    # By number

    def _number(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return {"content": self._by_number(query), "totalElements": self.length}, {}

    def _number_from_one(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return {"count": self.length, "results": self._by_number(query, first=1)}, {}

    def _number_of_pages(self, query: dict[str, str], body: Any, url: str) -> Reply:
        pages = -(-self.length // min(int(query["size"]), self.limit))
        return {"items": self._by_number(query, first=1), "page": {"totalPages": pages}}, {}

    def _no_total(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return self._by_number(query), {}

    def _capped(self, query: dict[str, str], body: Any, url: str) -> Reply:
        """A window into the list, as search engines have it: nothing beyond 40, whatever the total."""
        found = [record for record in self._by_number(query) if record["id"] <= 40]
        return {"content": found, **({"totalElements": self.length} if found else {})}, {}

    def _empty_is_204(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return self._by_number(query) or None, {}

    def _by_number(self, query: dict[str, str], first: int = 0) -> list[dict[str, Any]]:
        size = min(int(query["size"]), self.limit)
        return self.records((int(query["page"]) - first) * size, size)

    # By offset

    def _offset(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return {"items": self.records(int(query["offset"]), int(query["limit"])), "total": self.length}, {}

    def _offset_no_total(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return self.records(int(query["offset"]), int(query["limit"])), {}

    def _scim(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found = self.records(int(query["startIndex"]) - 1, int(query["count"]))
        return {"schemas": ["urn:x"], "Resources": found, "totalResults": self.length}, {}

    # From one to the next

    def _cursor(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        return {"items": found, "cursors": {"next": following}}, {}

    def _cursor_in_header(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("after", ""))
        return found, {"X-Next-Cursor": following} if following else {}

    def _search(self, query: dict[str, str], body: dict[str, Any], url: str) -> Reply:
        assert body["filter"] == {"name": "*"}
        found, following = self._after(body.get("cursor", ""))
        return {"data": {"items": found}, "meta": {"cursor": following or "end", "more": following is not None}}, {}

    def _circle(self, query: dict[str, str], body: Any, url: str) -> Reply:
        following = {"": "a", "a": "b", "b": "c", "c": "a"}[query.get("cursor", "")]
        return {"items": [{"from": query.get("cursor")}], "cursors": {"next": following}}, {}

    def _link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        previous = f'<{url}?cursor=c0>; rel="prev first"'
        return found, {"Link": f'{previous}, <{url}?cursor={following}>; rel="next"' if following else previous}

    def _tricky_link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        """A comma and brackets in a title: the reader of links in requests takes them for another link."""
        found, headers = self._link(query, body, url)
        return found, {"Link": f'</x>; title="a, <b>; rel=next"; rel=up, {headers["Link"]}'}

    def _relative_link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        return found, {"Link": f"<?cursor={following}>; rel=next"} if following else {}

    def _next_url(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        return {"items": found, "paging": {"next": following and f"{url}?cursor={following}"}}, {}

    def _elsewhere(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return self._after("")[0], {"Link": f"<{self.foreign}/things/link?cursor=c5>; rel=next"}

    def _elsewhere_in_body(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return {"items": self._after("")[0], "paging": {"next": f"{self.foreign}/things/next_url?cursor=c5"}}, {}

    # Ends that are not said

    def _last_again(self, query: dict[str, str], body: Any, url: str) -> Reply:
        size = min(int(query["size"]), self.limit)
        return self._by_number({**query, "page": str(min(int(query["page"]), (self.length - 1) // size))}), {}

    def _clamped(self, query: dict[str, str], body: Any, url: str) -> Reply:
        size, offset = int(query["limit"]), int(query["offset"])
        return self.records(offset if offset < self.length else max(0, self.length - size), size), {}

    def _left_out(self, query: dict[str, str], body: Any, url: str) -> Reply:
        """As protobuf's JSON: what is empty is not there."""
        found = self._by_number(query)
        return {"devices": found} if found else {}, {}

    def _not_found(self, query: dict[str, str], body: Any, url: str) -> Reply:
        return self._by_number(query) or {"error": {"message": "No such page."}}, {}

    def _body(self, query: dict[str, str], body: dict[str, Any], url: str) -> Reply:
        return {"content": self.records(body["page"] * body["size"], body["size"]), "totalElements": self.length}, {}

    def _body_offset(self, query: dict[str, str], body: dict[str, Any], url: str) -> Reply:
        return {"items": self.records(body["offset"], body["limit"]), "total": self.length}, {}

    def _self_link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        return found, {"Link": f"<{url}?cursor={following or query.get('cursor', '')}>; rel=next"}

    def _scroll(self, query: dict[str, str], body: Any, url: str) -> Reply:
        """The server keeps the place; the cursor only names the scroll."""
        start = self.scrolled if query else 0
        self.scrolled = start + self.limit
        return {"hits": self.records(start, self.limit), "scroll_id": "s1"}, {}

    def _flagged_link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        link = f"<{url}?cursor={following or 'c0'}>; rel=next"
        return {"items": found, "has_more": following is not None}, {"Link": link}

    # Links that are no URLs yet

    def _odd_link(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", ""))
        text = f"<{self.odd.format(url=url, cursor=following)}>; rel=next".encode(errors="surrogateescape")
        return found, {"Link": text.decode("latin-1")} if following else {}

    def _odd_cursor(self, query: dict[str, str], body: Any, url: str) -> Reply:
        found, following = self._after(query.get("cursor", "").removeprefix("Zürich "))
        return found, {"X-Next": f"Zürich {following}".encode().decode("latin-1")} if following else {}

    # Else

    def _array(self, query: dict[str, str], body: Any, url: str) -> Reply:
        self.limit = self.length
        return self.records(0, self.length), {}

    def _odd(self, query: dict[str, str], body: Any, url: str) -> Reply:
        """As Stripe does it: the last record's id is the cursor."""
        start = int(query.get("starting_after", 0))
        found = self.records(start, int(query.get("limit", 10)))
        return {"object": "list", "data": found, "has_more": start + len(found) < self.length}, {}

    def _after(self, cursor: str) -> tuple[list[dict[str, Any]], str | None]:
        start = int(cursor.removeprefix("c") or 0)
        found = self.records(start, self.limit)
        return found, f"c{start + len(found)}" if start + len(found) < self.length else None


class _Handler(BaseHTTPRequestHandler):
    server: PagingServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server, parts = self.server, urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query))
        with server.lock:
            server.calls[parts.path] += 1
        if parts.path == "/oauth2/token":
            return self._send({"access_token": server.new_token(), "token_type": "Bearer", "expires_in": 300})
        body = json.loads(content or b"{}")
        with server.lock:
            server.queries.append(query)
            server.bodies.append(body)
            number = len(server.queries)
        server.before(number)
        if not server.allows(self.headers.get("Authorization")):
            return self._send({"error": {"message": "Invalid token."}}, status=401)
        way = parts.path.removeprefix("/things/")
        value, headers = server.reply(way, query, body, parts.path)
        status = 404 if way == "not_found" and isinstance(value, dict) else 200
        return self._send(value, headers, status=status, breaks_off=number in server.broken)

    do_POST = do_GET

    def _send(self, value: Any, headers: Headers | None = None, *, status: int = 200, breaks_off: bool = False) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(204 if value is None else status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self._headers_buffer.append(b"\r\n" + content[: len(content) // 2 if breaks_off else None])  # in one packet
        self.flush_headers()
        self.close_connection |= breaks_off

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client went away


@contextmanager
def paging_server(length: int = 137) -> Iterator[PagingServer]:
    """Run one while the context lasts."""
    with PagingServer(length) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)
