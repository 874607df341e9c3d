"""What a connection says of the JWTs that its client signs: the field ``oauth_jwt``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")
"""With the client secret as the key (RFC 7518 section 3.2)."""

ALGORITHMS = (
    *("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512", "ES256K"),
    *HMAC_ALGORITHMS,
)

OWN_CLAIMS = ("aud", "iat", "exp", "nbf", "jti")
"""Claims that are made anew for each assertion, or have a place of their own."""


@dataclass(frozen=True, slots=True)
class AssertionSettings:
    """The parts of an assertion that are the client's own.

    :param alg: of RFC 7518; None: the usual one of the key.
    :param kid: the name under which the server has the key.
    :param thumbprint: SHA-256 of the certificate, in base64url: the header ``x5t#S256`` (RFC 7515 section 4.1.8).
    :param aud: whom it is for; None: the token endpoint.
    :param claims: further claims, or another ``iss`` or ``sub`` than usual; one that is None is left out.
    """

    alg: str | None = None
    kid: str | None = None
    thumbprint: str | None = None
    aud: str | tuple[str, ...] | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def identity(self) -> str:
        """A text that is the same for the same settings, and for no others; empty where all are the usual ones."""
        if self == AssertionSettings():
            return ""
        return json.dumps([self.alg, self.kid, self.thumbprint, self.aud, dict(self.claims)], sort_keys=True)
