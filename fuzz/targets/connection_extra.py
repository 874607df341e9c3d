"""A connection's extra and credentials: settings within the documented ranges, or an error that names the field."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from airflow_provider_orgauth.client.origin import DEFAULT_PORTS, Origin
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection import ConnectionSettings, read_connection
from airflow_provider_orgauth.hooks.connection_form import BY_NAME
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from fuzz import reading
from fuzz.targets.connection_address import SECRET, Connection, is_loopback
from fuzz.targets.server_url import assert_same_origin

FIELDS = {
    "extra",
    "headers",
    "scope",
    "verify (TLS verification)",
    "oauth_path (Token endpoint: path or URL)",
    "login (Client ID)",
    "password (Client secret)",
    *(f"{field.name} ({field.label})" for field in BY_NAME.values()),
}
"""All that an error may name here."""

_SCOPE = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")


def check(extra: str | None, login: str | None = "my-id", password: str | None = SECRET) -> None:
    """Assert what must hold of one extra and of the credentials beside it."""
    try:
        settings = read_connection(Connection(login=login, password=password, extra=extra))
    except ConfigurationError as error:
        assert error.field in FIELDS, error.field
        assert error.advice
        assert password is None or len(password) < 8 or password in f"{login}{extra}" or password not in str(error)
        return
    assert_in_range(settings)
    assert settings.client.token_url.startswith(("https:", "http:")[: 1 + ("allow_http" in f"{extra}")]) or is_loopback(
        urlsplit(settings.client.token_url).hostname or ""
    ), "credentials in plain text"
    assert password is None or len(password) < 8 or password in f"{login}{extra}" or password not in repr(settings)


def assert_in_range(settings: ConnectionSettings) -> None:
    """Assert that each setting obeys what its field declares, and that requests can be made with them."""
    client, http = settings.client, settings.http
    assert client.client_auth in BY_NAME["client_auth"].choices
    assert client.grant_params_in in BY_NAME["grant_params_in"].choices
    assert settings.cache in BY_NAME["cache"].choices
    numbers = {"expiry_margin": settings.expiry_margin, "timeout": http.timeout, "max_attempts": http.max_attempts}
    for name, number in numbers.items():
        assert BY_NAME[name].minimum <= number <= BY_NAME[name].maximum
    assert isinstance(http.max_attempts, int)
    assert http.rate_limit is None or 0.1 <= http.rate_limit <= 1_000_000
    assert all(400 <= status <= 599 and status not in (401, 403, 407) for status in http.retry_statuses)
    assert isinstance(http.verify, bool) or os.path.exists(http.verify)
    assert client.client_secret or client.client_auth == "tls_client_auth"
    for credential in (client.client_id, "" if client.signs_with_key else client.client_secret):
        assert not any(char < " " or char == "\x7f" for char in credential)
    assert client.client_id
    assert not (client.signs and client.grant_params_in == "query")
    assert client.client_auth != "tls_client_auth" or client.client_cert
    assert client.scope is None or _SCOPE.fullmatch(client.scope)
    assert_token_endpoint(settings)
    assert "?" not in client.token_url
    assert "#" not in client.token_url
    assert client.client_auth != "header_raw" or ":" not in client.client_id
    assert re.fullmatch(r"[!-9;-~]+(: [!-~]+)?", http.api_header)
    for name, value in http.headers.items():
        assert name.lower() != http.api_header.partition(":")[0].lower()
        assert not set(name) & set(" :\r\n\t\x00")
        value.encode("latin-1")
        assert not set(value) & set("\r\n\x00")
    if client.signs:  # that wants a key, which a fuzzer does not find
        return
    for request in (client_credentials_grant(client), refresh_grant(client, "r" * 40)):
        for value in request.headers.values():
            assert value.isascii()
            assert value.isprintable()
        assert request.url.startswith(client.token_url)
        assert not client.client_secret or client.client_secret in request.secrets
    assert len(client.fingerprint) == 64


def assert_token_endpoint(settings: ConnectionSettings) -> None:
    """Assert that the secret goes to one server: the API's, or one that others read in the URL, too."""
    client = settings.client
    if client.api_origin is None:
        assert settings.server.owns(client.token_url)
        return
    parts = urlsplit(client.token_url)
    there = Origin(parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])
    assert client.api_origin == settings.server.origin != there.origin == client.token_server
    assert not set(there.host) & set(" @\\/?#[]%\r\n\t")
    assert_same_origin(client.token_url, there)


def one(data: bytes) -> None:
    """Lines with the client id (empty: a usual one) and the end of the client secret; then the extra's text."""
    (login, password), extra = reading.lines(data, 2)
    check(reading.text(extra), login or "my-id", f"{SECRET}{password}")
