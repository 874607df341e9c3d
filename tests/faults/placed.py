"""A server's side of a placement: what came where the connection puts it is put where the emulator reads it."""

from __future__ import annotations

import dataclasses
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from placements import Placement

from airflow_provider_orgauth.emulator.messages import Request, form_pairs
from airflow_provider_orgauth.emulator.token_endpoint import TOKEN_PATH


@cache
def private_key() -> rsa.RSAPrivateKey:
    """Return the key of the client that signs."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def pem() -> str:
    """Return the same as it is pasted."""
    return private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Reader:
    """Reads requests as one placement has them, and as strictly as servers do.

    :param client_secret: by which the emulator knows the client.
    :ivar audience: whom an assertion has to be for.
    :ivar assertions: those that came, in order, whatever became of their requests.
    """

    def __init__(self, placement: Placement, client_id: str, client_secret: str) -> None:
        self.api_header = placement.api_header
        self.audience = ""
        self.assertions: list[str] = []
        self._placement = placement
        self._client = client_id, client_secret
        self._taken: set[str] = set()

    def note(self, request: Request) -> None:
        """Note the assertion of a request that came."""
        self.assertions += [value for name, value in _body(request) if name == "client_assertion"]

    def read(self, request: Request, connection: Any, *, now: float) -> Request:
        """Return a request as the emulator reads it; as it came, where the server would not take it.

        :param connection: the socket that it came by.
        :param now: epoch seconds of the server's clock.
        """
        if request.path != TOKEN_PATH:
            return self._with_bearer(request)
        if self._placement.signs:
            return self._with_secret(request) if self._is_signed(request, now) else request
        if self._placement.shows_certificate:
            shown = isinstance(connection, ssl.SSLSocket) and connection.getpeercert()
            return self._with_secret(request) if shown else request
        return request

    def _with_bearer(self, request: Request) -> Request:
        name, before = self.api_header
        headers = {key: value for key, value in request.headers.items() if key != "authorization"}
        value = request.headers.get(name, "")
        if value.startswith(before):
            headers["authorization"] = f"Bearer {value.removeprefix(before)}"
        return dataclasses.replace(request, headers=headers)

    def _with_secret(self, request: Request) -> Request:
        pairs = [*_body(request), ("client_secret", self._client[1])]
        return dataclasses.replace(request, body=urlencode(pairs).encode())

    def _is_signed(self, request: Request, now: float) -> bool:
        came = [value for name, value in _body(request) if name == "client_assertion"]
        by_hand = {"verify_exp": False, "verify_iat": False}  # by the server's clock, which the test moves
        try:
            claims = jwt.decode(
                came[0],
                private_key().public_key(),
                algorithms=["RS256"],
                audience=self.audience,
                options={"require": ["iss", "sub", "iat", "exp", "jti"], **by_hand},
            )
        except (jwt.InvalidTokenError, IndexError):
            return False
        is_new = claims["jti"] not in self._taken
        self._taken.add(claims["jti"])
        is_valid = claims["iat"] <= now < claims["exp"] <= now + 60
        return is_new and is_valid and claims["iss"] == claims["sub"] == self._client[0] and len(came) == 1


def _body(request: Request) -> list[tuple[str, str]]:
    return list(form_pairs(request.body.decode()))
