"""A JWT that this client signs: to say who it is (RFC 7523 section 2.2), or as a grant (section 2.1).

Each one is sent once. A server remembers its ``jti``, and answers 401 to the same one again: so it is signed anew for
each attempt, and by the server's clock as far as that is known.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.oauth.assertion_settings import HMAC_ALGORITHMS
from airflow_provider_orgauth.oauth.private_key import PrivateKey, read_private_key

if TYPE_CHECKING:
    from airflow_provider_orgauth.oauth.client import OAuthClient

CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

LIFETIME_SECONDS = 60
"""The strictest servers take no more."""


def client_assertion(client: OAuthClient, *, now: float, with_claims: bool = True) -> str:
    """Return a JWT that says who the client is, signed with its private key or with its secret.

    :param now: epoch seconds, by the server's clock.
    :param with_claims: False where the further claims of the connection are for a grant that goes along.
    :raises PrivateKeyError: the client has no key that can sign.
    :raises AlgorithmError: the connection names an algorithm that the key is not for.
    """
    claims = {"iss": client.client_id, "sub": client.client_id}
    return _signed(client, claims | dict(client.oauth_jwt.claims if with_claims else {}), now=now)


def assertion_grant(client: OAuthClient, *, now: float) -> str:
    """Return a JWT that is a grant: of the user in its ``sub``, which the connection names, or of the issuer itself.

    :param now: epoch seconds, by the server's clock.
    :raises PrivateKeyError: the client has no key that can sign.
    :raises AlgorithmError: the connection names an algorithm that the key is not for.
    """
    return _signed(client, {"iss": client.client_id, **client.oauth_jwt.claims}, now=now)


def _key(client: OAuthClient) -> PrivateKey:
    if client.client_auth == "client_secret_jwt":
        return PrivateKey(client.client_secret.encode(), HMAC_ALGORITHMS)
    return read_private_key(client.client_secret)


def _signed(client: OAuthClient, claims: dict[str, Any], *, now: float) -> str:
    import jwt

    settings, key = client.oauth_jwt, _key(client)
    aud = client.token_url if settings.aud is None else settings.aud
    # One that is issued later than now is refused, and what is known of the server's clock may be a second ahead of it.
    issued_at = int(now) - 1
    times = {"iat": issued_at, "exp": issued_at + LIFETIME_SECONDS}
    claims = claims | {"aud": list(aud) if isinstance(aud, tuple) else aud, **times, "jti": os.urandom(16).hex()}
    headers = {"kid": settings.kid or key.key_id, "x5t#S256": settings.thumbprint}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        key.key,
        algorithm=key.algorithm(settings.alg),
        headers={name: value for name, value in headers.items() if value is not None},
    )
