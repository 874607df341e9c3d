"""No client takes the token along with a redirect to another host, in whatever header the API wants it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError

TOKEN = "t0ken-of-the-ap1"


class Site(ThreadingHTTPServer):
    """Gives tokens, redirects ``/go`` elsewhere, and notes the headers of each request."""

    def __init__(self) -> None:
        site = self
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.leads_to = ""

        class Handler(BaseHTTPRequestHandler):
            def respond(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                is_token = self.path.startswith("/oauth2/token")
                body = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600} if is_token else {"ok": True}
                self.send_response(302 if self.path == "/go" else 200)
                self.send_header("Location", f"{site.leads_to}/there")
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            do_GET = do_POST = respond

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def sites(monkeypatch):
    """Return the connection's server and another one, and make the connection."""
    api, other = Site(), Site()
    api.leads_to = f"http://localhost:{other.server_port}"

    def connect(**extra: object) -> tuple[Site, Site]:
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": api.server_port, "schema": "http"}
        login = {"login": "id", "password": "s3cr3t", "extra": {"cache": "memory", **extra}}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about | login))
        return api, other

    yield connect
    for site in (api, other):
        site.shutdown()
        site.server_close()


def _go(call, sites) -> dict[str, str]:
    api, other = sites
    call("GET", f"http://127.0.0.1:{api.server_port}/go")
    assert any(TOKEN in str(headers) for path, headers in api.seen if path == "/go")
    ((path, headers),) = other.seen
    assert path == "/there"
    return headers


def test_authorization_stays(call, sites):
    assert TOKEN not in str(_go(call, sites()))


@pytest.mark.parametrize("header", ["X-Shopify-Access-Token", "Authorization: Zoho-oauthtoken"])
def test_another_header_stays_too(header, call, sites):
    if "httpx" in call.__name__ and header.startswith("X-"):
        with pytest.raises(ConfigurationError, match="api_header"):
            _go(call, sites(api_header=header))
        return
    assert TOKEN not in str(_go(call, sites(api_header=header)))
