"""The client's registration: what the fleet's workers know of it, and what the server does."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from airflow_provider_orgauth.oauth.client import OAuthClient
from simulation.plan import Plan

API = "https://api.example"
IDENTITY_PROVIDER = "https://login.example"


def client(plan: Plan, number: int) -> OAuthClient:
    """Return the client with one of its good secrets, or keys."""
    server = IDENTITY_PROVIDER if plan.token_elsewhere else API
    return OAuthClient(
        f"{server}/oauth2/token",
        "id",
        _pem(number) if plan.signs else f"secret {number}",
        client_auth="private_key_jwt" if plan.signs else "header",
        grant_params_in="body",
        api_origin=API if plan.token_elsewhere else None,
    )


class Assertions:
    """The server's check of what a client signs, as strict as there is: each ``jti`` once, and no second too late.

    :ivar jtis: how often each came.
    """

    def __init__(self, client: OAuthClient) -> None:
        self._client = client
        self.jtis: Counter[str] = Counter()

    @property
    def sent_twice(self) -> int:
        """How many assertions came more than once."""
        return sum(times > 1 for times in self.jtis.values())

    def are_good(self, body: bytes, *, now: float) -> bool:
        """Tell whether the client of a token request is who it says.

        :param now: epoch seconds.
        """
        if not self._client.signs:
            return True
        claims = _claims(parse_qs(body.decode())["client_assertion"][0], audience=self._client.token_url)
        self.jtis[claims["jti"]] += 1
        return self.jtis[claims["jti"]] == 1 and claims["iat"] <= now < claims["exp"]


def _claims(assertion: str, *, audience: str) -> dict[str, Any]:
    public_keys = (_key(number).public_key() for number in range(_key.cache_info().currsize))
    # The times are checked by the server's clock, which is virtual.
    by_hand: Any = {"verify_exp": False, "verify_iat": False}
    for public_key in public_keys:
        try:
            return jwt.decode(assertion, public_key, algorithms=["ES256"], audience=audience, options=by_hand)
        except jwt.InvalidSignatureError:
            continue
    raise AssertionError("an assertion of nobody")


@cache
def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def _pem(number: int) -> str:
    return _key(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
