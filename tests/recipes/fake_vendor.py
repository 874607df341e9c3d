"""A token endpoint and an API on two origins, as strict as a vendor's pages: what is not documented, is refused."""

from __future__ import annotations

import json
import secrets
import ssl
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from vendors import ASSERTION, BASIC, CERTIFICATE, FORM, GRANT, JSON, QUERY, Vendor

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from tls import Authority

CLIENT_SECRET = "CLIENT-SECRET"
CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TOKEN_COOKIE = "token-session"


class Refused(Exception):
    """The request is not as documented."""

    def __init__(self, status: int, code: str, why: str) -> None:
        super().__init__(why)
        self.status, self.code = status, code


class FakeVendor:
    """Both endpoints of a vendor. Names: the token endpoint's host is ``localhost``, the API's ``127.0.0.1``."""

    def __init__(self, vendor: Vendor, authority: Authority) -> None:
        self.vendor = vendor
        self.authority = authority
        self.tokens: set[str] = set()
        self.refusals: list[str] = []
        self._seen: set[str] = set()
        token, api = (
            authority.asking_context(name) if place in vendor.certificate_at else None
            for place, name in (("token", "localhost"), ("api", "127.0.0.1"))
        )
        self._token_server = _Server(self.token_answer if vendor.elsewhere else self.answer, token)
        self._api_server = _Server(self.answer, api)

    @property
    def token_origin(self) -> str:
        """Of the token endpoint, where it is elsewhere."""
        scheme = "https" if "token" in self.vendor.certificate_at else "http"
        return f"{scheme}://localhost:{self._token_server.server_port}"

    @property
    def api_port(self) -> int:
        """Of the API, on 127.0.0.1."""
        return self._api_server.server_port

    def close(self) -> None:
        """Stop both."""
        for server in (self._token_server, self._api_server):
            server.shutdown()
            server.server_close()

    def answer(self, request: _Request) -> tuple[int, Any]:
        """Answer a request to the API's host, which has the token endpoint where that is not elsewhere."""
        if request.path == self.vendor.token_path and not self.vendor.elsewhere:
            return self.token_answer(request)
        try:
            self._check_call(request)
        except Refused as refused:
            self.refusals.append(str(refused))
            return refused.status, {"code": refused.code, "message": str(refused)}
        return 200, {"ok": True}

    def token_answer(self, request: _Request) -> tuple[int, Any]:
        """Answer a token request."""
        try:
            self._check_token_request(request)
        except Refused as refused:
            self.refusals.append(str(refused))
            return refused.status, {"error": refused.code, "error_description": str(refused)}
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        own = f"http://127.0.0.1:{self.api_port}"
        about = {name: own if value == "{api}" else value for name, value in self.vendor.answer.items()}
        return 200, {"access_token": token, **about}

    def _check_token_request(self, request: _Request) -> None:
        vendor = self.vendor
        _insist(request.method == "POST" and request.path == vendor.token_path, 404, "not_found", "no such endpoint")
        for name in {*vendor.api_headers, "Cookie", vendor.scheme[0]} - {"Authorization", "User-Agent"}:
            _insist(name not in request.headers, 400, "invalid_request", f"{name} has no business here")
        parameters = request.parameters(vendor.parameters_in)
        self._check_credentials(request, parameters)
        expected = {"grant_type": vendor.grant_type, **vendor.required}
        for name, value in expected.items():
            wrong = "unsupported_grant_type" if name == "grant_type" else "invalid_request"
            _insist(parameters.pop(name, None) == value, 400, wrong, f"{name} is missing or wrong")
        _insist(not parameters, 400, "invalid_request", f"unknown parameters: {', '.join(parameters)}")

    def _check_credentials(self, request: _Request, parameters: dict[str, str]) -> None:
        if self.vendor.credentials == CERTIFICATE:
            wrong = "client_secret" in parameters or "Authorization" in request.headers
            _insist(not wrong, 401, "invalid_client", "the certificate is enough")
            return
        if self.vendor.credentials == GRANT:
            _insist("Authorization" not in request.headers, 400, "invalid_request", "the assertion is all there is")
            self._check_jwt(parameters.pop("assertion", ""), {"iss": self.vendor.client_id})
            return
        if self.vendor.credentials == ASSERTION:
            _insist("Authorization" not in request.headers, 400, "invalid_request", "the assertion is all there is")
            kind = parameters.pop("client_assertion_type", "")
            _insist(kind == CLIENT_ASSERTION_TYPE, 401, "invalid_client", "client_assertion_type is wrong")
            own = {"iss": self.vendor.client_id, "sub": self.vendor.client_id}
            self._check_jwt(parameters.pop("client_assertion", ""), own)
            return
        if self.vendor.credentials == BASIC:
            _insist("client_secret" not in parameters, 401, "invalid_client", "client_secret belongs into the header")
            given = request.basic()
        else:
            _insist("Authorization" not in request.headers, 401, "invalid_client", "use client_id and client_secret")
            given = parameters.pop("client_id", ""), parameters.pop("client_secret", "")
        known = (self.vendor.client_id, CLIENT_SECRET)
        _insist(given == known, 401, "invalid_client", "client authentication failed")

    def _check_jwt(self, text: str, own: dict[str, Any]) -> None:
        signed = self.vendor.signed
        assert signed is not None
        origin = self.token_origin if self.vendor.elsewhere else f"http://127.0.0.1:{self.api_port}"
        aud = signed.aud or f"{origin}{self.vendor.token_path}"
        try:
            claims = jwt.decode(text, KEY.public_key(), algorithms=[signed.algorithm], audience=aud)
            headers = jwt.get_unverified_header(text)
        except jwt.PyJWTError as error:
            raise Refused(401, "invalid_client", f"the assertion is not good: {error}") from None
        for name, value in {**own, **signed.claims}.items():
            _insist(claims.get(name) == value, 400, "invalid_grant", f"the claim {name} is missing or wrong")
        for name, value in signed.headers.items():
            _insist(headers.get(name) == value, 401, "invalid_client", f"the header {name} is missing or wrong")
        _insist(claims["exp"] - claims["iat"] <= signed.most_seconds, 400, "invalid_grant", "it lives too long")
        _insist(text not in self._seen, 401, "invalid_client", "the assertion was used before")
        self._seen.add(text)

    def _check_call(self, request: _Request) -> None:
        vendor = self.vendor
        _insist(request.path == vendor.endpoint, 404, "not_found", "no such endpoint")
        name, scheme = vendor.scheme
        given = request.headers.get(name, "")
        token = given.removeprefix(scheme)
        _insist(given.startswith(scheme) and token in self.tokens, 401, "unauthorized", f"{name} has no valid token")
        if name != "Authorization":
            _insist("Authorization" not in request.headers, 401, "unauthorized", "Authorization is not for this API")
        _insist(TOKEN_COOKIE not in request.headers.get("Cookie", ""), 400, "invalid", "a cookie of the other")
        for wanted, value in vendor.api_headers.items():
            right = request.headers.get(wanted) == value
            _insist(right, vendor.refusal, "header", f"{wanted} is missing or wrong")


@contextmanager
def running(vendor: Vendor, authority: Authority) -> Iterator[FakeVendor]:
    """Serve until the end."""
    fake = FakeVendor(vendor, authority)
    try:
        yield fake
    finally:
        fake.close()


def _insist(is_right: bool, status: int, code: str, why: str) -> None:
    if not is_right:
        raise Refused(status, code, why)


class _Request:
    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.method, self.path, self.query = handler.command, parts.path, parts.query
        self.headers = handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))

    def parameters(self, written: str) -> dict[str, str]:
        """Return the parameters, which stand in one place and once each."""
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        _insist(bool(self.query) == (written == QUERY), 400, "invalid_request", "parameters are not where they belong")
        _insist(bool(self.body) != (written == QUERY), 400, "invalid_request", "parameters are not where they belong")
        if written == JSON:
            _insist(kind == "application/json", 415, "invalid_request", "the body has to be JSON")
            return dict(json.loads(self.body))
        if written == FORM:
            _insist(kind == "application/x-www-form-urlencoded", 415, "invalid_request", "the body has to be a form")
        pairs = parse_qsl(self.body.decode() or self.query, keep_blank_values=True, strict_parsing=True)
        _insist(len(dict(pairs)) == len(pairs), 400, "invalid_request", "a parameter came twice")
        return dict(pairs)

    def basic(self) -> tuple[str, str]:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        _insist(scheme == "Basic", 401, "invalid_client", "the Basic header is missing")
        client_id, _, client_secret = b64decode(value).decode().partition(":")
        return unquote(client_id), unquote(client_secret)


class _Server(ThreadingHTTPServer):
    """Answers as ``answer`` says, and sets a cookie each time."""

    def __init__(self, answer: Any, context: ssl.SSLContext | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                status, content = answer(_Request(self))
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                is_token = isinstance(content, dict) and "access_token" in content
                self.send_header("Set-Cookie", f"{TOKEN_COOKIE if is_token else 'session'}=1; Path=/")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = respond

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
