"""The OAuth client (RFC 6749 section 2): its credentials, its token endpoint, and how that wants its requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from airflow_provider_orgauth.oauth.assertion_settings import AssertionSettings

SecretAuth = Literal["header", "header_raw", "params"]
"""The ways of :data:`ClientAuth` in which the client secret is sent."""

ClientAuth = Literal[SecretAuth, "private_key_jwt", "client_secret_jwt", "tls_client_auth"]
"""How the client says who it is.

Where its credentials go: a percent-encoded Basic header, a raw one, or the grant parameters; or, without the secret on
the wire, a JWT that it signs (RFC 7523), or the certificate of its connection (RFC 8705).
"""

GrantParamsIn = Literal["query", "body", "json"]
"""Where the grant parameters go: the query string (Organization API), a form body (RFC 6749), or a body of JSON."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A registered client, its token endpoint, and the API that its tokens are for.

    :param token_url: absolute URL of the token endpoint, without a query.
    :param oauth_params: further parameters of a grant, which may name another one; see :mod:`~.further_params`.
    :param api_origin: scheme, host and port of the API; None: they are those of the token endpoint.
    :param scope: space-separated scopes (RFC 6749 section 3.3), or None to leave the choice to the server.
    :param oauth_jwt: of the JWTs that the client signs, if its authentication or its grant is one.
    :param client_cert: path of the certificate by which servers know it; a token may be bound to that (RFC 8705).
    :param refresh_token: the one to begin with, for servers that know no other grant; None: the client has a grant.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    client_auth: ClientAuth = "header"
    grant_params_in: GrantParamsIn = "query"
    scope: str | None = None
    oauth_params: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    api_origin: str | None = None
    oauth_jwt: AssertionSettings = field(default_factory=AssertionSettings)
    client_cert: str | None = None
    refresh_token: str | None = field(default=None, repr=False)

    @property
    def signs_with_key(self) -> bool:
        """Whether its secret is a private key: then it is never sent, whatever ``client_auth`` says."""
        return self.client_auth == "private_key_jwt" or (self.is_jwt_bearer and self.client_auth != "client_secret_jwt")

    @property
    def signs(self) -> bool:
        """Whether an assertion goes along with its requests."""
        return self.signs_with_key or self.client_auth == "client_secret_jwt"

    @property
    def is_jwt_bearer(self) -> bool:
        """Whether its grant is a JWT that it signs."""
        from airflow_provider_orgauth.oauth.further_params import JWT_BEARER

        return self.grant_type == JWT_BEARER

    @property
    def token_server(self) -> str:
        """Scheme, host and port of the token endpoint."""
        parts = urlsplit(self.token_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def name(self) -> str:
        """A stable name without the secret, under which a shared token is stored."""
        return _digest(self.token_url, self.client_id, self.scope, *self._further(with_secrets=False))[:32]

    @property
    def fingerprint(self) -> str:
        """A digest that identifies this client's cached tokens: any change of what they were asked with changes it.

        Of the API, too: a token that was got for one may be good for no other, and would tell the other who has it.
        """
        further = self._further(with_secrets=True)
        return _digest(self.token_url, self.client_id, self.client_secret, self.scope, *further)

    @property
    def family_fingerprint(self) -> str:
        """A digest that identifies the refresh tokens that descend from the one to begin with.

        Whatever else the connection says, they are the same: where only scope or secret is changed, the one to begin
        with is spent all the same.
        """
        return _digest("family", self.token_url, self.client_id, self.refresh_token)

    @property
    def grant_type(self) -> str:
        """The grant by which the first token is asked for; with a refresh token to begin with, by which all are."""
        from airflow_provider_orgauth.oauth.further_params import grant_type_in  # Airflow's start needs none of it

        if self.refresh_token is not None:
            return "refresh_token"
        return grant_type_in(self.oauth_params)

    def _further(self, *, with_secrets: bool) -> list[dict[str, Any]]:
        """Return what tells its tokens apart besides. Where there is none of that, they keep the names they had."""
        from airflow_provider_orgauth.oauth.further_params import identity

        further = {
            "api": self.api_origin,
            "params": identity(self.oauth_params, with_secrets=with_secrets),
            "jwt": self.oauth_jwt.identity,
            "cert": self.client_cert,
            "refresh_token": self.refresh_token if with_secrets else self.refresh_token is not None,
        }
        return [set_ones] if (set_ones := {name: value for name, value in further.items() if value}) else []


def _digest(*parts: Any) -> str:
    # JSON keeps ("a", "bc") and ("ab", "c") apart, and None apart from "".
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
