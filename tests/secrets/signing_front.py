"""What stands before an emulator for a client that signs: one server for tokens, one for the API with another header.

It takes each assertion once. It keeps what must not be seen: the key, the assertions, the links to files.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import Emulator
from airflow_provider_orgauth.emulator.messages import Request, form_pairs

sys.path.append(str(Path(__file__).parents[1] / "faults"))

from placed import Reader, pem
from placements import Placement

TOKEN = "/oauth2/token"
ACCOUNT_SECRET = "h4Tq-account-secret-9RkW2xVb7LmZ"
EXTRA = {
    "client_auth": "private_key_jwt",
    "grant_params_in": "body",
    "api_header": "X-Api-Token",
    "oauth_params": {"account_secret": ACCOUNT_SECRET, "account_id": "7"},
}


class SigningFront:
    """Two servers, and what came by.

    :ivar echoes: the token endpoint refuses, and says back what it was sent.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.echoes = False
        self.links: list[str] = []
        self._emulator = emulator
        self._reader = Reader(Placement(extra=EXTRA), emulator.client_id, emulator.client_secret)
        self._api, self._tokens = (self._serve(is_token_server) for is_token_server in (False, True))
        self.token_url = f"http://127.0.0.1:{self._tokens.server_port}{TOKEN}"
        self._reader.audience = self.token_url

    @property
    def assertions(self) -> list[str]:
        """Those that came."""
        return self._reader.assertions

    @property
    def audience(self) -> str:
        """Whom an assertion has to be for."""
        return self._reader.audience

    @audience.setter
    def audience(self, audience: str) -> None:
        self._reader.audience = audience

    def connection(self, **extra: Any) -> dict[str, Any]:
        """Return the client's connection, with its extra as an object."""
        return {
            "conn_type": "orgauth",
            "host": f"http://127.0.0.1:{self._api.server_port}",
            "login": self._emulator.client_id,
            "password": pem(),
            "extra": {**EXTRA, "oauth_path": self.token_url, **extra},
        }

    def add_secrets(self, search: SecretSearch) -> None:
        """Search for all that came by and must not be seen."""
        for line in pem().splitlines()[1:-1]:
            search.add("private key", line)
        search.add("secret of oauth_params", ACCOUNT_SECRET)
        for assertion in self.assertions:
            search.add("assertion", assertion)
        for link in self.links:
            search.add("link", parse_qs(urlsplit(link).query)["signature"][0])

    def close(self) -> None:
        """Stop both servers."""
        for server in (self._api, self._tokens):
            server.shutdown()
            server.server_close()

    def _answer(self, request: Request, target: str, *, is_token_server: bool) -> tuple[int, dict[str, str], bytes]:
        if (request.path == TOKEN) is not is_token_server:
            return 404, {}, b""
        if is_token_server:
            self._reader.note(request)
        if is_token_server and self.echoes:
            said = {"error": "invalid_request", "error_description": request.body.decode()}
            return 400, {"Content-Type": "application/json"}, json.dumps(said).encode()
        plain = self._reader.read(request, None, now=self._emulator._core.now())
        kept = {name: plain.headers[name] for name in ("authorization", "content-type") if name in plain.headers}
        with requests.Session() as session:
            session.trust_env = False
            came = session.request(
                request.method, self._emulator.url + target, data=plain.body, headers=kept, timeout=10
            )
        if request.path.endswith("/job") and "fileUrl" in came.json():
            self.links.append(came.json()["fileUrl"])
        return came.status_code, {"Content-Type": came.headers.get("Content-Type", "")}, came.content

    def _serve(self, is_token_server: bool) -> ThreadingHTTPServer:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                parts = urlsplit(self.path)
                request = Request(self.command, parts.path, form_pairs(parts.query), headers, body)
                status, headers, body = front._answer(request, self.path, is_token_server=is_token_server)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(front._emulator._core.now(), usegmt=True)

            do_GET = do_POST = do_PUT = respond

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


@contextmanager
def signing_front(emulator: Emulator) -> Iterator[SigningFront]:
    """Serve while the context lasts."""
    front = SigningFront(emulator)
    try:
        yield front
    finally:
        front.close()
