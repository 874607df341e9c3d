"""The fields of an ``orgauth`` connection, declared once.

The form of Airflow 3.2 and later (provider info), the widgets that older versions ask the hook for, the reading of what
was typed, and the documentation's table all come from here. To add a field, add a row here, and an attribute of that
name to the settings that it is one of: ``HttpSettings`` or ``OAuthClient``.

Airflow imports this whenever it starts, so it imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.hooks import field_parsing
from airflow_provider_orgauth.hooks.field import Field
from airflow_provider_orgauth.oauth.client import ClientAuth, GrantParamsIn, OAuthClient

FIELDS: tuple[Field, ...] = (
    Field.of(
        OAuthClient,
        "client_auth",
        "Send client credentials in",
        "header: Basic, percent-encoded as RFC 6749 asks; header_raw: Basic, as they are. params: among the grant "
        "parameters. private_key_jwt, client_secret_jwt: the key or secret signs, and is not sent. tls_client_auth: "
        "the client certificate is enough.",
        "choice",
        choices=get_args(ClientAuth),
    ),
    Field.of(
        OAuthClient,
        "grant_params_in",
        "Send grant parameters in",
        "query: the URL, as the Organization API documents. body: a form body, as RFC 6749 and most other servers ask. "
        "json: a body of JSON.",
        "choice",
        choices=get_args(GrantParamsIn),
    ),
    Field(
        "oauth_path",
        "Token endpoint: path or URL",
        "Path of the token endpoint on the server, or an https URL where tokens come from another one, such as "
        "https://login.example.com/oauth2/token. That one gets the client credentials, the API the token.",
        "text",
        default="/oauth2/token",
    ),
    Field.of(
        OAuthClient,
        "scope",
        "Scope",
        "Scopes to ask for, separated by spaces, such as devices:read devices:write. Empty: the server decides.",
        "text",
        placeholder="devices:read devices:write",
        parse=field_parsing.scope,
    ),
    Field(
        "cache",
        "Share the token through",
        "variable: an Airflow Variable, for the whole installation. xcom: encrypted, along one DAG run. memory: each "
        "process on its own.",
        "choice",
        default="variable",
        choices=("variable", "xcom", "memory"),
    ),
    Field(
        "expiry_margin",
        "Renew before expiry (s)",
        "Seconds before its expiry from which a token is renewed; never more than half its lifetime.",
        "number",
        default=30,
        minimum=0,
        maximum=86400,
    ),
    Field.of(
        HttpSettings,
        "timeout",
        "Timeout (s)",
        "Seconds to wait for a connection, and for the next byte of an answer.",
        "number",
        minimum=0.001,
        maximum=86400,
    ),
    Field.of(
        HttpSettings,
        "max_attempts",
        "Attempts per request",
        "How often a request is sent at most, the first time included. 1: never again.",
        "integer",
        minimum=1,
        maximum=100,
    ),
    Field.of(
        HttpSettings,
        "retry_statuses",
        "Further statuses to retry",
        "HTTP statuses after which a request is sent again besides 408, 425, 429, 502 to 504 and the like, where that "
        "does no harm, separated by commas.",
        "integers",
        minimum=400,
        maximum=599,
        placeholder="500, 507",
        parse=field_parsing.retry_statuses,
    ),
    Field.of(
        HttpSettings,
        "rate_limit",
        "Requests per minute",
        "The most API requests that all tasks of a host send in any minute, together. Empty: no limit.",
        "number",
        minimum=0.1,
        maximum=1_000_000,
        placeholder="9000",
    ),
    Field.of(
        HttpSettings,
        "verify",
        "TLS verification",
        "true, or empty: check the server's certificate. false: do not (unsafe). A path such as "
        "/path/to/ca-bundle.pem: check it with this CA bundle.",
        "text",
        placeholder="true, false, or /path/to/ca-bundle.pem",
        parse=field_parsing.verify,
    ),
    Field.of(
        HttpSettings,
        "headers",
        "Default headers",
        'JSON object of headers that every API request carries, such as {"X-Team": "data"}. Paste it: the box '
        "rearranges what is typed.",
        "object",
        placeholder='{"X-Team": "data"}',
        parse=field_parsing.headers,
    ),
    Field(
        "allow_http",
        "Allow plain HTTP",
        "Send credentials unencrypted to a server that is not on this machine. Only for networks that you trust.",
        "flag",
        default=False,
    ),
    # From here on, what few servers want: the first screen of the form is for all.
    Field.of(
        OAuthClient,
        "oauth_params",
        "Further token parameters",
        'JSON object of what the token request needs besides, such as {"audience": "https://api.example.com"} or '
        '{"grant_type": "account_credentials", "account_id": "…"}. Paste it: the box rearranges what is typed.',
        "object",
        placeholder='{"audience": "https://api.example.com"}',
        parse=field_parsing.oauth_params,
    ),
    Field.of(
        HttpSettings,
        "api_header",
        "Header for the token",
        "Where the API looks for the token: Authorization: Bearer, another scheme such as Authorization: "
        "Zoho-oauthtoken, or a name alone such as X-Shopify-Access-Token, for the bare token.",
        "text",
        parse=field_parsing.api_header,
    ),
    Field.of(
        OAuthClient,
        "oauth_jwt",
        "Signed assertion",
        'JSON object with what goes into the JWT that is signed: alg, kid, "x5t#S256", aud, claims. Empty: the usual '
        "algorithm of the key, and the token endpoint as aud.",
        "object",
        placeholder='{"alg": "PS256", "kid": "my-key"}',
        parse=field_parsing.oauth_jwt,
    ),
    Field.of(
        HttpSettings,
        "client_cert",
        "Client certificate",
        "Path of a PEM file with a certificate and its private key, for servers that ask for one. It is read for each "
        "new connection, so it can be exchanged at any time.",
        "text",
        placeholder="/path/to/certificate-and-key.pem",
    ),
    Field.of(
        OAuthClient,
        "refresh_token",
        "Refresh token to begin with",
        "For servers that know no grant but refresh: the refresh token that they gave you. Where a renewal brings "
        "another one, all hosts go on with that, and the one that stands here is spent.",
        "text",
        parse=field_parsing.refresh_token,
    ),
    Field.of(
        HttpSettings,
        "send_traceparent",
        "Send trace context",
        "Send the API the header traceparent with each request, so that its traces and those of Airflow's tasks can be "
        "joined. It tells the server no more than an id.",
        "flag",
    ),
)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
