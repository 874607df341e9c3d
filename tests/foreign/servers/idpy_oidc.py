"""idpy-oidc's OAuth2 server: endpoints without a web framework; the few lines of WSGI around it are ours.

Basic is never percent-decoded: raw UTF-8. The library takes a parsed request and leaves it to its host where the
parameters come from; this host reads the query and the body, as a host built on a merged ``request.values`` does.
So all four placements reach idpy-oidc, and it alone decides. It has no refresh token for client credentials.

Argument: ``as-is``, or ``bearer``, which corrects the ``token_type`` that idpy-oidc 5.0 answers, ``access_token``
(the token's class in its own database): RFC 6749 section 7.1 forbids a client to use a token of unknown type.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from cryptojwt.exception import JWKESTException
from idpyoidc.server import Server
from idpyoidc.server.configure import ASConfiguration
from idpyoidc.server.exception import ClientAuthenticationError, OidcEndpointError
from idpyoidc.server.oauth2.token_helper.client_credentials import ClientCredentials
from loopback import clients, serve

LIFETIME_S = 3600


class AsIs(ClientCredentials):
    """idpy-oidc 5.0 fails on a client's second grant: it looks its first one up as if it were a dict.

    So let it find none. Earlier tokens stay good: their grants are kept under keys of their own.
    """

    def process_request(self, req: Any, **kwargs: Any) -> Any:
        sessions = self.endpoint.upstream_get("context").session_manager
        earlier = sessions.branch_key("client_credentials", req["client_id"])
        if earlier in sessions.db:
            del sessions.db[earlier]
        return super().process_request(req, **kwargs)


class Bearer(AsIs):
    def process_request(self, req: Any, **kwargs: Any) -> Any:
        return {**super().process_request(req, **kwargs), "token_type": "Bearer"}


HELPERS = {"as-is": AsIs, "bearer": Bearer}


def configuration(base_url: str) -> dict[str, Any]:
    methods = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": base_url,
        "endpoint": {
            "token": {
                "path": "token",
                "class": "idpyoidc.server.oauth2.token.Token",
                "kwargs": {
                    "client_authn_method": methods,
                    "grant_types_helpers": {"client_credentials": {"class": HELPERS[sys.argv[1]]}},
                },
            },
            "revocation": {
                "path": "revoke",
                "class": "idpyoidc.server.oauth2.token_revocation.TokenRevocation",
                "kwargs": {"client_authn_method": methods},
            },
        },
        "token_handler_args": {
            "key_conf": {"key_defs": [{"type": "oct", "use": ["enc"], "kid": "code"}]},
            "token": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": LIFETIME_S}},
        },
        "keys": {"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}]},
    }


class Application:
    def __init__(self, base_url: str) -> None:
        self._server = Server(ASConfiguration(conf=configuration(base_url), base_path=""))
        for client in clients():
            self._server.context.cdb[client["id"]] = {
                "client_id": client["id"],
                "client_secret": client["secret"],
                "grant_types_supported": ["client_credentials"],
                "allowed_scopes": ["read"],
            }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        endpoints = {"/token": "token", "/revoke": "token_revocation"}
        route = environ["PATH_INFO"]
        if route in endpoints:
            status, answer = self._oauth(self._server.get_endpoint(endpoints[route]), environ)
        elif route == "/api/profile":
            status, answer = self._profile(environ.get("HTTP_AUTHORIZATION", ""))
        else:
            status, answer = HTTPStatus.NOT_FOUND, "{}"
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [answer.encode()]

    def _oauth(self, endpoint: Any, environ: dict[str, Any]) -> tuple[HTTPStatus, str]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        parameters = dict(parse_qsl(environ["QUERY_STRING"]) + parse_qsl(body))
        http_info = {"headers": {"authorization": environ.get("HTTP_AUTHORIZATION")}}
        try:
            request = endpoint.parse_request(parameters, http_info=http_info)
        except ClientAuthenticationError as error:
            refusal = {"error": "invalid_client", "error_description": str(error)}
            return HTTPStatus.UNAUTHORIZED, json.dumps(refusal)
        result = request if "error" in request else endpoint.process_request(request)
        if "error" in result:
            return HTTPStatus.BAD_REQUEST, result.to_json()
        return HTTPStatus.OK, endpoint.do_response(request=request, **result)["response"]

    def _profile(self, authorization: str) -> tuple[HTTPStatus, str]:
        scheme, _, value = authorization.partition(" ")
        if scheme == "Bearer" and self._is_active(value):
            return HTTPStatus.OK, json.dumps({"name": "idpy-oidc"})
        return HTTPStatus.UNAUTHORIZED, ""

    def _is_active(self, access_token: str) -> bool:
        try:
            session = self._server.context.session_manager.get_session_info_by_token(
                access_token, grant=True, handler_key="access_token"
            )
        except (KeyError, JWKESTException, OidcEndpointError):
            return False
        return bool(session["grant"].get_token(access_token).is_active())


def main() -> None:
    serve(Application, "/token")


if __name__ == "__main__":
    main()
