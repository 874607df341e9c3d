"""Read an ``orgauth`` connection: every field checked, each wrong one refused by name."""

from __future__ import annotations

import ipaddress
import json
import logging
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from airflow_provider_orgauth.client.endpoint import split_url
from airflow_provider_orgauth.client.origin import DEFAULT_PORTS, Origin, ascii_name
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.hooks import field_parsing
from airflow_provider_orgauth.hooks.connection_form import BY_NAME, FIELDS
from airflow_provider_orgauth.oauth.client import OAuthClient

log = logging.getLogger(__name__)

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
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
    server = _server(connection, allow_http=given["allow_http"])
    client = OAuthClient(
        token_url=_token_url(server, given["oauth_path"]),
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


def _server(connection: AirflowConnection, *, allow_http: bool) -> Origin:
    field = "host (Server address)"
    advice = "Write fra1.blynk.cloud, host:port or https://host:port/."
    address = (connection.host or "").strip()
    if not address:
        raise ConfigurationError(field, "is empty", advice=advice)
    parts = split_url(address if "://" in address else f"//{_bracketed(address)}")
    try:
        host, port = ("", None) if parts is None else (parts.hostname or "", parts.port)
    except ValueError:
        parts = None
    if parts is None:
        raise ConfigurationError(field, "is not a server address", advice=advice)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(field, "holds credentials", advice="They belong into Client ID and Client secret.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigurationError(
            field, "holds a path", advice="Leave the path to Token endpoint path and to each endpoint."
        )
    scheme = _scheme(parts.scheme, connection.schema)
    if port is not None and connection.port and port != connection.port:
        raise ConfigurationError("port", f"is {connection.port}, and Server address says {port}", advice="Clear one.")
    port = port if port is not None else (connection.port or DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ConfigurationError("port", f"is {port}", advice="Write a number from 1 to 65535.")
    server = Origin(scheme, _host(field, host, advice), port)
    if scheme == "http" and not allow_http and not _is_loopback(server.host):
        raise ConfigurationError(
            field,
            "is plain http, which sends credentials unencrypted",
            advice="Use https; on a network that you trust, set allow_http (Allow plain HTTP).",
        )
    return server


def _bracketed(address: str) -> str:
    """Return a bare IPv6 address in the brackets that a URL wants."""
    try:
        return f"[{ipaddress.IPv6Address(address)}]"
    except ValueError:
        return address


def _scheme(in_address: str, schema: str | None) -> str:
    schema = (schema or "").strip().lower().removesuffix("://").removesuffix(":")
    in_address = in_address.lower()
    if in_address and schema and in_address != schema:
        raise ConfigurationError(
            "schema", f"is {schema}, and Server address says {in_address}", advice="Clear one of them."
        )
    scheme = in_address or schema or "https"
    if scheme not in DEFAULT_PORTS:
        raise ConfigurationError("schema", "is not a scheme that can be used", advice="Write https, or nothing.")
    return scheme


def _host(field: str, host: str, advice: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if getattr(address, "scope_id", None):
            raise ConfigurationError(field, "holds a zone id", advice="Write the address without it.")
        return str(address)
    name = host if host.isascii() else ascii_name(host)
    # RFC 1035 section 2.3.4: 63 characters to a label, 255 to a name
    if not _HOST_NAME.fullmatch(name) or ".." in name or len(name) > 255 or max(map(len, name.split("."))) > 63:
        raise ConfigurationError(field, "is not a server address", advice=advice)
    return name.lower()


def _is_loopback(host: str) -> bool:
    host = host.removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token_url(server: Origin, path: str) -> str:
    field = "oauth_path (Token endpoint path)"
    if "?" in path or "#" in path:
        raise ConfigurationError(field, "holds a query or fragment", advice="Write a path such as /oauth2/token.")
    try:
        return server.url(path)
    except ForeignOriginError:
        raise ConfigurationError(
            field, "is not a path on the server", advice="Write a path such as /oauth2/token."
        ) from None


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
