"""A server with one large answer, in a process of its own: `python download_server.py MEGABYTES` prints its URL.

What stands in its way stands in everyone's: the bytes are the same block over and over, sent as the socket takes them.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK = os.urandom(1_000_000)
MEGABYTES = int(sys.argv[1]) if __name__ == "__main__" else 0
LOGIN, PASSWORD, TOKEN = "bench", "bench-secret", "bench-token"
PATH = "/report"


class Handler(BaseHTTPRequestHandler):
    """`POST /oauth2/token` gives the token that `GET /report` wants."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Give a token."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 86400}).encode()
        self._head(200, len(body))
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Give the large answer."""
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._head(401, 0)
        self._head(200, MEGABYTES * len(BLOCK))
        for _ in range(MEGABYTES):
            self.wfile.write(BLOCK)
        return None

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"READY http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
