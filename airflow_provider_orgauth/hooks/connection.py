"""Read an ``orgauth`` connection: every field checked, each wrong one refused by name."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from airflow_provider_orgauth.client.api_header import ApiHeader
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks import field_parsing
from airflow_provider_orgauth.hooks.client_credentials import check_client, check_refresh_token, client_id_of
from airflow_provider_orgauth.hooks.connection_form import BY_NAME, FIELDS
from airflow_provider_orgauth.hooks.server_address import server_of
from airflow_provider_orgauth.hooks.token_address import token_url_of
from airflow_provider_orgauth.oauth.client import OAuthClient

log = logging.getLogger(__name__)


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
    http = HttpSettings(**_of(HttpSettings, given))
    token_url = token_url_of(given["oauth_path"], server, allow_http=allow_http)
    client = OAuthClient(
        token_url=token_url,
        api_origin=None if server.owns(token_url) else server.origin,
        client_id=client_id_of(connection.login),
        client_secret=connection.password or "",
        client_cert=http.client_cert,
        **_of(OAuthClient, given),
    )
    check_client(client)
    check_refresh_token(client, cache=given["cache"])
    _check_default_headers(http)
    return ConnectionSettings(
        server=server,
        client=client,
        http=http,
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


def _check_default_headers(http: HttpSettings) -> None:
    taken = ApiHeader.of(http.api_header).name
    if taken.lower() in (name.lower() for name in http.headers):
        raise ConfigurationError(
            "headers", f"sets {taken}, which carries the token", advice="Remove it from the default headers."
        )
