"""Read an ``orgauth`` connection: every field checked, each wrong one refused by name."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks import field_parsing
from airflow_provider_orgauth.hooks.connection_form import BY_NAME, FIELDS
from airflow_provider_orgauth.hooks.server_address import server_of
from airflow_provider_orgauth.hooks.token_address import token_url_of
from airflow_provider_orgauth.oauth.client import OAuthClient

log = logging.getLogger(__name__)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_DEFAULTS = {field.name: field.default for field in FIELDS if field.settings is None}
"""Of the fields that are not among the settings of a class, which has defaults of its own."""


class AirflowConnection(Protocol):
    """What is read of an Airflow ``Connection``, of any version."""

    host: str | None
    port: int | None
    schema: str | None
    login: str | None
    password: str | None
    extra: str | None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A connection that was checked.

    :param server: where the API is.
    :param cache: ``variable``, ``xcom`` or ``memory``.
    :param expiry_margin: seconds before expiry from which a token is renewed.
    """

    server: Origin
    client: OAuthClient
    http: HttpSettings
    cache: str
    expiry_margin: float


def read_connection(connection: AirflowConnection) -> ConnectionSettings:
    """Check ``connection`` and return what it says.

    :raises ConfigurationError: naming the field, what is wrong with it and what is allowed.
    """
    given = _given(_extra(connection.extra))
    allow_http = given["allow_http"]
    server = server_of(connection.host, connection.port, connection.schema, allow_http=allow_http)
    token_url = token_url_of(given["oauth_path"], server, allow_http=allow_http)
    client = OAuthClient(
        token_url=token_url,
        api_origin=None if server.owns(token_url) else server.origin,
        client_id=_credential("login (Client ID)", connection.login),
        client_secret=_credential("password (Client secret)", connection.password),
        **_of(OAuthClient, given),
    )
    _check_raw_header(client)
    return ConnectionSettings(
        server=server,
        client=client,
        http=HttpSettings(**_of(HttpSettings, given)),
        cache=given["cache"],
        expiry_margin=given["expiry_margin"],
    )


def _given(extra: dict[str, Any]) -> dict[str, Any]:
    """Return what each field says; an empty one is left out where the settings have a default of their own."""
    read = {field.name: field_parsing.parse_field(field, extra[field.name]) for field in FIELDS if field.name in extra}
    return _DEFAULTS | {name: value for name, value in read.items() if value is not None}


def _of(settings: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return what is given for ``settings``, whose attributes are named as the fields are."""
    return {name: value for name, value in given.items() if BY_NAME[name].settings is settings}


def _extra(text: str | None) -> dict[str, Any]:
    if not text or not text.strip():
        return {}
    try:
        extra = json.loads(text)
    except (ValueError, RecursionError):
        extra = None
    if not isinstance(extra, dict):
        raise ConfigurationError("extra", "is not a JSON object", advice='Write it as {"client_auth": "header"}.')
    for name in sorted(extra.keys() - BY_NAME.keys()):
        if name.startswith("extra__"):  # the form of Airflow 2 sends each field a second time under its long name
            continue
        likely = get_close_matches(name, BY_NAME, n=1)
        log.warning("Unknown field %r in the connection's extra is ignored.%s", name, _meant(likely))
    return extra


def _meant(likely: list[str]) -> str:
    return f" Did you mean {likely[0]!r}?" if likely else f" Known: {', '.join(BY_NAME)}."


def _check_raw_header(client: OAuthClient) -> None:
    if client.client_auth == "header_raw" and ":" in client.client_id:
        raise ConfigurationError(
            "login (Client ID)",
            "holds a colon, which a raw Basic header cannot carry",
            advice="Set client_auth to header or params.",
        )


def _credential(field: str, value: str | None) -> str:
    if not value:
        raise ConfigurationError(field, "is empty", advice="Copy it from the server's OAuth2 settings.")
    if _CONTROL.search(value):
        raise ConfigurationError(field, "holds a line break or control character", advice="Paste it without.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(field, "is not valid Unicode", advice="Paste it again.") from None
    return value
