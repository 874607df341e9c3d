"""The grants as requests (RFC 6749 sections 4.4.2, 4.5 and 6), in all six placements.

==================  =====================  =========================================
``client_auth``     ``grant_params_in``    what is sent
==================  =====================  =========================================
header, header_raw  query                  Basic header, ``POST …?grant_type=…``
header, header_raw  body                   Basic header, form body
header, header_raw  json                   Basic header, body of JSON
params              query                  everything in the query string
params              body                   everything in the form body
params              json                   everything in the body of JSON
==================  =====================  =========================================

With ``tls_client_auth`` only the client's ID is among the parameters; with ``private_key_jwt`` and
``client_secret_jwt`` that and an assertion, which :mod:`~.client_assertion` signs. Where the grant is such a JWT itself
(``oauth_params`` names it), there is no client authentication but these three: Google, Salesforce and DocuSign document
none, and a private key is not sent as if it were a secret.

Each thing is sent once: servers refuse a parameter that comes twice, and credentials that come in two ways.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from airflow_provider_orgauth.oauth import private_key
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.client_assertion import CLIENT_ASSERTION_TYPE, assertion_grant, client_assertion
from airflow_provider_orgauth.oauth.further_params import WITH_REFRESH, ParamValue, pairs, secrets_in
from airflow_provider_orgauth.oauth.text_redaction import spellings

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A ``POST`` to the token endpoint. Its repr shows no credential.

    :param secrets: every spelling in which a credential stands in this request, for redaction.
    :param grant_type: of the grant that it asks for.
    :param is_signed: it carries an assertion, which is good at one time only.
    """

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: frozenset[str] = field(repr=False)
    grant_type: str
    is_signed: bool = False

    @property
    def server(self) -> str:
        """Scheme, host and port of the token endpoint."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def client_credentials_grant(client: OAuthClient, now: float = 0.0) -> TokenRequest:
    """Return the request for a new token (RFC 6749 section 4.4.2); by another grant where the connection names one.

    :param now: epoch seconds by the server's clock, for what is signed.
    """
    params: dict[str, ParamValue] = {"grant_type": client.grant_type}
    if client.scope is not None:
        params["scope"] = client.scope
    params |= client.oauth_params
    if client.is_jwt_bearer:
        params["assertion"] = assertion_grant(client, now=now)
    return _token_request(client, params, now)


def refresh_grant(client: OAuthClient, refresh_token: str, now: float = 0.0) -> TokenRequest:
    """Return the request that trades ``refresh_token`` for a new token (RFC 6749 section 6).

    It names no scope: left out, the server keeps the scope that was granted. Where this is the only grant, all that the
    connection says belongs to it.

    :param now: epoch seconds by the server's clock, for what is signed.
    """
    params: dict[str, ParamValue] = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    is_only_grant = client.refresh_token is not None
    if is_only_grant and client.scope is not None:
        params["scope"] = client.scope
    further = {name: value for name, value in client.oauth_params.items() if is_only_grant or name in WITH_REFRESH}
    return _token_request(client, {**params, **further}, now)


def basic_header(client_id: str, client_secret: str, *, percent_encoded: bool) -> str:
    """Return the value of a Basic ``Authorization`` header (RFC 6749 section 2.3.1, RFC 7617).

    Percent-encoding writes a space as ``%20``: every server that decodes at all reads that, while two of the ones we
    tried do not read ``+``. Both forms are UTF-8 and are the same for ids and secrets of URL-safe characters.
    """
    if percent_encoded:
        client_id, client_secret = quote(client_id, safe=""), quote(client_secret, safe="")
    return "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode("ascii")


def client_secrets(client: OAuthClient) -> set[str]:
    """Return every spelling of what the client must not let be seen: its secret, or each line of its private key."""
    if client.signs_with_key:
        secrets = set(private_key.secrets_in(client.client_secret))
    else:
        secrets = set(spellings(client.client_secret)) - {""}
        if client.client_auth in ("header", "header_raw"):
            secrets.add(_basic_header(client).removeprefix("Basic "))
    if client.refresh_token is not None:
        secrets.update(spellings(client.refresh_token))
    return secrets.union(*map(spellings, secrets_in(client.oauth_params)))


def _basic_header(client: OAuthClient) -> str:
    return basic_header(client.client_id, client.client_secret, percent_encoded=client.client_auth == "header")


def _token_request(client: OAuthClient, params: dict[str, ParamValue], now: float) -> TokenRequest:
    headers = {"Accept": "application/json"}
    match client.client_auth:
        case "private_key_jwt" | "client_secret_jwt":
            # The id need not go along (RFC 7521 section 4.2); where it does, nobody minds, and Entra ID asks for it.
            params |= {"client_id": client.client_id, "client_assertion_type": CLIENT_ASSERTION_TYPE}
            params["client_assertion"] = client_assertion(client, now=now, with_claims=not client.is_jwt_bearer)
        case "tls_client_auth":  # RFC 8705 section 2: the id goes along
            params["client_id"] = client.client_id
        case _ if client.signs_with_key:  # the grant says who it is; a refresh has to say it somehow
            params |= {} if "assertion" in params else {"client_id": client.client_id}
        case "params":
            params |= {"client_id": client.client_id, "client_secret": client.client_secret}
        case _:
            headers["Authorization"] = _basic_header(client)
    secrets = client_secrets(client).union(*map(spellings, secrets_in(params)))
    for name in ("assertion", "client_assertion"):  # its last part is what makes it good
        secrets.update(filter(None, [str(params.get(name, "")).rpartition(".")[2]]))
    url, body = client.token_url, b""
    if client.grant_params_in == "json":
        body, headers["Content-Type"] = json.dumps(params).encode("ascii"), JSON
        secrets |= {json.dumps(secret)[1:-1] for secret in secrets}
    else:
        encoded = urlencode([*pairs(params)], quote_via=quote)
        if client.grant_params_in == "query":
            url = f"{url}?{encoded}"
        else:
            body, headers["Content-Type"] = encoded.encode("ascii"), FORM
    return TokenRequest(url, headers, body, frozenset(secrets), str(params["grant_type"]), client.signs)
