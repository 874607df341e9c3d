"""Authlib's authorization server in Flask, with a refresh token for client credentials, as its settings allow.

Basic is percent-decoded (``%20``, but a ``+`` stays a ``+``). ``grant_type`` is read from query or body, while
``refresh_token`` counts in the body only: a grant in the query works, its refresh does not.

Argument, one of two servers:
``rotate``: a refresh token works once, a refresh brings a new one, a revoked access token takes it along;
``client_secret`` in the body only.
``keep``: it stays good whatever happens, and a refresh answers without one; ``client_secret`` in the query too, by
the extra method ``client_secret_uri`` that Authlib's documentation takes as its example.
"""

from __future__ import annotations

import inspect
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Flask
from loopback import clients, serve

LIFETIME_S = 3600
RFC_METHODS = ["client_secret_basic", "client_secret_post"]
QUERY_TOO = [*RFC_METHODS, "client_secret_uri"]


@dataclass
class Client(ClientMixin):
    """What Authlib asks of a row in a table of clients."""

    client_id: str
    client_secret: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """None is how Authlib wants ``invalid_scope`` said."""
        return "read" if scope in (None, "", "read") else None

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return True

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("client_credentials", "refresh_token")


@dataclass
class Token(TokenMixin):
    """What Authlib asks of a row in a table of tokens."""

    client_id: str
    access_token: str
    refresh_token: str | None
    scope: str
    expires_at: float
    access_revoked: bool = False
    refresh_revoked: bool = False

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return LIFETIME_S

    def is_expired(self) -> bool:
        return time.time() >= self.expires_at

    def is_revoked(self) -> bool:
        return self.access_revoked


TOKENS: list[Token] = []


def save_token(token: dict[str, Any], request: Any) -> None:
    TOKENS.append(
        Token(
            client_id=request.client.client_id,
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token"),
            scope=token.get("scope", ""),
            expires_at=time.time() + token["expires_in"],
        )
    )


def find_token(value: str, kinds: tuple[str, ...] = ("access_token", "refresh_token")) -> Token | None:
    return next((token for token in TOKENS for kind in kinds if getattr(token, kind) == value), None)


class RotatingRefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = RFC_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        token = find_token(refresh_token, ("refresh_token",))
        return None if token is None or token.refresh_revoked else token

    def authenticate_user(self, refresh_token: Token) -> str:
        return refresh_token.client_id

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.access_revoked = refresh_token.refresh_revoked = True


class KeepingRefreshGrant(RotatingRefreshGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = QUERY_TOO
    INCLUDE_NEW_REFRESH_TOKEN = False

    def revoke_old_credential(self, refresh_token: Token) -> None:
        pass


class BodyClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = RFC_METHODS


class QueryClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = QUERY_TOO


def client_secret_uri(query_client: Callable[[str], Client | None], request: Any) -> Client | None:
    client = query_client(request.args.get("client_id", ""))
    return client if client and client.check_client_secret(request.args.get("client_secret", "")) else None


class RevokeAccess(RevocationEndpoint):
    CLIENT_AUTH_METHODS = RFC_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return find_token(token_string)

    def revoke_token(self, token: Token, request: Any) -> None:
        token.access_revoked = True


class RevokeBoth(RevokeAccess):
    """RFC 7009 section 2.1 leaves it to the server whether the refresh token ends with its access token."""

    def revoke_token(self, token: Token, request: Any) -> None:
        token.access_revoked = token.refresh_revoked = True


class BearerCheck(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Token | None:
        return find_token(token_string, ("access_token",))


class WithRefreshToken(BearerTokenGenerator):
    """Authlib's generator; RFC 6749 4.4.3 only says SHOULD NOT, and the Organization API does give one."""

    def generate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        asked = inspect.signature(super().generate).bind(*args, **kwargs)
        asked.arguments["include_refresh_token"] = True
        return dict(super().generate(*asked.args, **asked.kwargs))


KINDS: dict[str, tuple[list[type], type]] = {
    "rotate": ([BodyClientCredentialsGrant, RotatingRefreshGrant], RevokeBoth),
    "keep": ([QueryClientCredentialsGrant, KeepingRefreshGrant], RevokeAccess),
}


def application(kind: str) -> Flask:
    app = Flask(__name__)
    known = {client["id"]: Client(client["id"], client["secret"]) for client in clients()}
    server = AuthorizationServer(app, query_client=known.get, save_token=save_token)

    def opaque(**_: Any) -> str:
        return secrets.token_urlsafe(30)

    server.register_token_generator(
        "client_credentials", WithRefreshToken(opaque, opaque, lambda client, grant_type: LIFETIME_S)
    )
    server.register_token_generator(
        "refresh_token", BearerTokenGenerator(opaque, opaque, lambda client, grant_type: LIFETIME_S)
    )
    server.register_client_auth_method("client_secret_uri", client_secret_uri)
    grants_of_kind, revocation = KINDS[kind]
    for grant in grants_of_kind:
        server.register_grant(grant)
    server.register_endpoint(revocation)
    protect = ResourceProtector()
    protect.register_token_validator(BearerCheck())

    @app.post("/oauth/token")
    def token() -> Any:
        return server.create_token_response()

    @app.post("/oauth/revoke")
    def revoke() -> Any:
        return server.create_endpoint_response("revocation")

    @app.get("/api/profile")
    @protect()
    def profile() -> dict[str, str]:
        return {"name": "authlib"}

    return app


def main() -> None:
    app = application(sys.argv[1])
    serve(lambda base_url: app, "/oauth/token")


if __name__ == "__main__":
    main()
