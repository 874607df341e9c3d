"""The two grants as requests (RFC 6749 sections 4.4.2 and 6), in all four placements.

==================  =====================  =========================================
``client_auth``     ``grant_params_in``    what is sent
==================  =====================  =========================================
header, header_raw  query                  Basic header, ``POST …?grant_type=…``
header, header_raw  body                   Basic header, form body
params              query                  everything in the query string
params              body                   everything in the form body
==================  =====================  =========================================

Each thing is sent once: servers refuse a parameter that comes twice, and credentials that come in two ways.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.text_redaction import spellings

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A ``POST`` to the token endpoint. Its repr shows no credential.

    :param secrets: every spelling in which a credential stands in this request, for redaction.
    """

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: frozenset[str] = field(repr=False)

    @property
    def server(self) -> str:
        """Scheme, host and port of the token endpoint."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def client_credentials_grant(client: OAuthClient) -> TokenRequest:
    """Return the request for a new token (RFC 6749 section 4.4.2)."""
    params = {"grant_type": "client_credentials"}
    if client.scope is not None:
        params["scope"] = client.scope
    return _token_request(client, params)


def refresh_grant(client: OAuthClient, refresh_token: str) -> TokenRequest:
    """Return the request that trades ``refresh_token`` for a new token (RFC 6749 section 6).

    It names no scope: left out, the server keeps the scope that was granted.
    """
    return _token_request(client, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def basic_header(client_id: str, client_secret: str, *, percent_encoded: bool) -> str:
    """Return the value of a Basic ``Authorization`` header (RFC 6749 section 2.3.1, RFC 7617).

    Percent-encoding writes a space as ``%20``: every server that decodes at all reads that, while two of the ones we
    tried do not read ``+``. Both forms are UTF-8 and are the same for ids and secrets of URL-safe characters.
    """
    if percent_encoded:
        client_id, client_secret = quote(client_id, safe=""), quote(client_secret, safe="")
    return "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode("ascii")


def _token_request(client: OAuthClient, params: dict[str, str]) -> TokenRequest:
    headers = {"Accept": "application/json"}
    secrets = set(spellings(client.client_secret))
    if "refresh_token" in params:
        secrets.update(spellings(params["refresh_token"]))
    if client.client_auth == "params":
        params |= {"client_id": client.client_id, "client_secret": client.client_secret}
    else:
        header = basic_header(client.client_id, client.client_secret, percent_encoded=client.client_auth == "header")
        headers["Authorization"] = header
        secrets.add(header.removeprefix("Basic "))
    encoded = urlencode(params, quote_via=quote)
    if client.grant_params_in == "query":
        url, body = f"{client.token_url}?{encoded}", b""
    else:
        url, body = client.token_url, encoded.encode("ascii")
        headers["Content-Type"] = FORM
    return TokenRequest(url, headers, body, frozenset(secrets))
