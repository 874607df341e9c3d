"""Serve one WSGI application on loopback, and write down how each token request was made.

Shared by the launchers beside this file. It decides nothing about OAuth: the packages from the registry do.

Environment: ``FOREIGN_CLIENTS``, a JSON list of ``{"id": str, "secret": str}``: the confidential clients.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

RECORD_PATH = "/_token_requests"


def clients() -> list[dict[str, str]]:
    """Return the confidential clients to register, as ``{"id": ..., "secret": ...}``."""
    return list(json.loads(os.environ["FOREIGN_CLIENTS"]))


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Log no request line: a query grant carries the secret in it."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


class TokenRequestRecord:
    """Pass requests through unchanged; keep where the token endpoint was sent what, and its status.

    ``GET /_token_requests`` answers the list, oldest first; no value of a credential is kept:
    ``{"grant_type": str, "grant_params_in": "query"|"body", "client_auth": "header"|"query"|"body"|None,
    "status": int}``
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], token_path: str) -> None:
        self._app = app
        self._token_path = token_path
        self._seen: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == RECORD_PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self._seen).encode()]
        if environ["PATH_INFO"] != self._token_path:
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        entry = self._entry(parse_qs(environ["QUERY_STRING"]), parse_qs(body.decode()), environ)

        def note_status(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            entry["status"] = int(status.split(maxsplit=1)[0])
            self._seen.append(entry)
            return start_response(status, headers, *rest)

        return self._app(environ, note_status)

    @staticmethod
    def _entry(query: dict[str, list[str]], body: dict[str, list[str]], environ: dict[str, Any]) -> dict[str, Any]:
        places = {"query": query, "body": body}
        where = {name: [place for place, values in places.items() if name in values] for name in _NAMES}
        in_header = ["header"] if "HTTP_AUTHORIZATION" in environ else []
        return {
            "grant_type": (query.get("grant_type", []) + body.get("grant_type", []))[0],
            "grant_params_in": "+".join(where["grant_type"]),
            "client_auth": "+".join(in_header + where["client_secret"]) or None,
        }


_NAMES = ("grant_type", "client_secret")


def serve(app_for: Callable[[str], Callable[..., Iterable[bytes]]], token_path: str) -> None:
    """Listen on a free port, build the application for its base URL, say READY, serve until stdin ends.

    Standard input is the leash: when the test process dies, however it dies, the pipe closes and so do we.
    """
    server = make_server("127.0.0.1", 0, _not_yet, server_class=_Server, handler_class=_Quiet)
    base_url = f"http://127.0.0.1:{server.server_port}"
    server.set_app(TokenRequestRecord(app_for(base_url), token_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"READY {base_url}", flush=True)
    sys.stdin.read()


def _not_yet(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response(f"{HTTPStatus.SERVICE_UNAVAILABLE.value} starting", [])
    return []
