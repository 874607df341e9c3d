"""Authlib's JWT bearer grant (RFC 7523 section 2.1), which asks for no client authentication.

Argument: the public key of all clients, as a JWK. Users are known by addresses at example.com.
"""

from __future__ import annotations

import json
import secrets
import sys

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib_flask import LIFETIME_S, BearerCheck, Client, save_token
from flask import Flask
from joserfc import jwk
from loopback import clients, serve


class SignedClient(Client):
    """A client that may use this grant and no other."""

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == JWTBearerGrant.GRANT_TYPE


def application(base_url: str, public_key: str) -> Flask:
    app = Flask(__name__)
    known = {client["id"]: SignedClient(client["id"], client["secret"]) for client in clients()}

    class Grant(JWTBearerGrant):
        def resolve_issuer_client(self, issuer: str) -> Client | None:
            return known.get(issuer)

        def resolve_client_public_key(self, client: Client) -> jwk.Key:
            return jwk.import_key(json.loads(public_key))

        def authenticate_user(self, subject: str) -> str | None:
            return subject if subject.endswith("@example.com") else None

        def get_audiences(self) -> list[str]:
            return [f"{base_url}/oauth/token"]

        def has_granted_permission(self, client: Client, user: str) -> bool:
            return not user.startswith("stranger")

    server = AuthorizationServer(app, query_client=known.get, save_token=save_token)

    def opaque(**_: object) -> str:
        return secrets.token_urlsafe(30)

    server.register_token_generator(
        "default", BearerTokenGenerator(opaque, None, lambda client, grant_type: LIFETIME_S)
    )
    server.register_grant(Grant)
    protect = ResourceProtector()
    protect.register_token_validator(BearerCheck())

    @app.post("/oauth/token")
    def token() -> object:
        return server.create_token_response()

    @app.get("/api/profile")
    @protect()
    def profile() -> dict[str, str]:
        return {"client": current_token.client_id}

    return app


serve(lambda base_url: application(base_url, sys.argv[1]), "/oauth/token")
