"""Check login and password of a connection against how they are used: sent, or signed with, or not needed."""

from __future__ import annotations

import re

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.token_params import FIELD, REFRESH_TOKEN
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.private_key import looks_like_private_key

LOGIN = "login (Client ID)"
PASSWORD = "password (Client secret)"  # noqa: S105

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def client_id_of(login: str | None) -> str:
    """Return the client's ID.

    :raises ConfigurationError: naming ``login``.
    """
    return _checked(LOGIN, login)


def check_refresh_token(client: OAuthClient, *, cache: str) -> None:
    """Refuse what a refresh token to begin with does not go with.

    :raises ConfigurationError: naming the field to change, and ``refresh_token``.
    """
    if client.refresh_token is None:
        return
    if cache != "variable":
        raise ConfigurationError(
            "cache (Share the token through)",
            f"is {cache}, and with {REFRESH_TOKEN} the server may give a new refresh token, which would be lost there",
            advice="Set it to variable.",
        )
    if "grant_type" in client.oauth_params:
        raise ConfigurationError(
            FIELD, f"names a grant_type, and with {REFRESH_TOKEN} the grant is refresh_token", advice="Leave it out."
        )


def check_client(client: OAuthClient) -> None:
    """Refuse a secret that is none, and combinations that no server takes.

    :raises ConfigurationError: naming the field to change.
    """
    _check_secret(client)
    if client.client_auth == "header_raw" and ":" in client.client_id:
        raise ConfigurationError(
            LOGIN,
            "holds a colon, which a raw Basic header cannot carry",
            advice="Set client_auth to header or params.",
        )
    if client.signs and client.grant_params_in == "query":
        raise ConfigurationError(
            "grant_params_in (Send grant parameters in)",
            "is query, and a signed assertion does not belong in a URL",
            advice="Set it to body (RFC 7523 section 2).",
        )
    if client.client_auth == "tls_client_auth":
        _check_certificate(client)


def _check_certificate(client: OAuthClient) -> None:
    if client.client_cert is None:
        raise ConfigurationError(
            "client_cert (Client certificate)",
            "is empty, and with tls_client_auth it is what the client is known by",
            advice="Write the path of a PEM with certificate and private key.",
        )
    if not client.token_url.startswith("https:"):
        raise ConfigurationError(
            "client_auth (Send client credentials in)",
            "is tls_client_auth, and the token endpoint is reached without TLS",
            advice="Use https.",
        )


def _check_secret(client: OAuthClient) -> None:
    """Check what was typed as password: the secret, or the private key, or nothing where the certificate is all."""
    secret = client.client_secret
    if client.signs_with_key:  # which may have lines; what is in it is read when it signs
        if not secret.strip():
            raise ConfigurationError(PASSWORD, "is empty", advice="Paste the private key, as PEM or as JWK.")
        _check_unicode(PASSWORD, secret)
        return
    # Before anything is said of its line breaks: without them it would be sent.
    if looks_like_private_key(secret):
        raise ConfigurationError(
            PASSWORD,
            f"holds a private key, and client_auth is {client.client_auth}, which is for a secret",
            advice="Set client_auth (Send client credentials in) to private_key_jwt: it signs, and sends no key.",
        )
    if secret or client.client_auth != "tls_client_auth":
        _checked(PASSWORD, secret)


def _checked(field: str, value: str | None) -> str:
    if not value:
        raise ConfigurationError(field, "is empty", advice="Copy it from the server's OAuth2 settings.")
    if _CONTROL.search(value):
        raise ConfigurationError(field, "holds a line break or control character", advice="Paste it without.")
    _check_unicode(field, value)
    return value


def _check_unicode(field: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(field, "is not valid Unicode", advice="Paste it again.") from None
