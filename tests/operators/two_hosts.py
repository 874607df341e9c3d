"""An API whose jobs end with a link, and a store on another host that has the file: both note what they are asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = b"id,name\n1,Greenhouse\n"
SIGNATURE = "c2lnbmF0dXJl"


class TwoHosts:
    """The API is on 127.0.0.1, the store on localhost."""

    def __init__(self) -> None:
        self.asked_api: list[tuple[str, str, dict[str, str]]] = []
        self.asked_store: list[tuple[str, str, dict[str, str]]] = []
        self.statuses: list[int] = []
        self.link = ""
        self.location = ""
        self._api = _serve(self._answer_of_api)
        self._store = _serve(self._answer_of_store)
        self.link = f"{self.store}/report.csv?X-Amz-Signature={SIGNATURE}"

    @property
    def store(self) -> str:
        """The origin of the store."""
        return f"http://localhost:{self._store.server_port}"

    @property
    def api(self) -> str:
        """The origin of the API."""
        return f"http://127.0.0.1:{self._api.server_port}"

    def connection(self) -> str:
        """Return the connection as JSON; it has a default header, and a header with a key."""
        extra = {"cache": "memory", "max_attempts": 2, "headers": {"x-api-key": "k3y-0f-the-ap1"}}
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": self._api.server_port, "schema": "http"}
        return json.dumps({**about, "login": "id", "password": "s3cr3t", "extra": extra})

    def close(self) -> None:
        """Stop both."""
        for server in (self._api, self._store):
            server.shutdown()
            server.server_close()

    def _answer_of_api(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked_api.append((method, path, headers))
        if path.startswith("/oauth2/token"):
            content: object = {"access_token": "t0ken-0f-the-ap1", "token_type": "Bearer", "expires_in": 3600}
        elif method == "POST":
            return 202, {"Content-Type": "application/json", "Set-Cookie": "session=1"}, b'{"id": 7}'
        elif path.startswith("/report.csv"):
            return 200, {"Content-Type": "text/csv"}, CONTENT
        else:
            content = {"status": "DONE", "url": self.link}
        return 200, {"Content-Type": "application/json", "Set-Cookie": "session=1"}, json.dumps(content).encode()

    def _answer_of_store(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked_store.append((method, path, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 302:
            return 302, {"Location": self.location}, b""
        return status, {"Content-Type": "text/csv"}, CONTENT if status == 200 else b"<Error/>"


@contextmanager
def two_hosts() -> Iterator[TwoHosts]:
    """Serve until the end."""
    hosts = TwoHosts()
    try:
        yield hosts
    finally:
        hosts.close()


def _serve(answer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answer(self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = respond

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server
