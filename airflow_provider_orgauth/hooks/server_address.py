"""Read the address of a server, as a person types it: one origin, or an error that names the field."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult

from airflow_provider_orgauth.client.endpoint import split_url
from airflow_provider_orgauth.client.origin import DEFAULT_PORTS, Origin, ascii_name
from airflow_provider_orgauth.exceptions import ConfigurationError

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)

_FIELD = "host (Server address)"
_ADVICE = "Write fra1.blynk.cloud, host:port or https://host:port/."


def server_of(host: str | None, port: int | None, schema: str | None, *, allow_http: bool) -> Origin:
    """Return the API's server from the standard fields of a connection.

    :raises ConfigurationError: naming ``host``, ``port`` or ``schema``.
    """
    address = (host or "").strip()
    if not address:
        raise ConfigurationError(_FIELD, "is empty", advice=_ADVICE)
    parts = split_url(address if "://" in address else f"//{_bracketed(address)}")
    name, named_port = host_and_port(parts)
    if parts is None or name is None:
        raise ConfigurationError(_FIELD, "is not a server address", advice=_ADVICE)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(_FIELD, "holds credentials", advice="They belong into Client ID and Client secret.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigurationError(
            _FIELD, "holds a path", advice="Leave the path to Token endpoint and to each endpoint."
        )
    scheme = _scheme(parts.scheme, schema)
    if named_port is not None and port and named_port != port:
        raise ConfigurationError("port", f"is {port}, and Server address says {named_port}", advice="Clear one.")
    port = named_port if named_port is not None else (port or DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ConfigurationError("port", f"is {port}", advice="Write a number from 1 to 65535.")
    server = Origin(scheme, checked_host(_FIELD, name, advice=_ADVICE), port)
    check_encrypted(_FIELD, server, allow_http=allow_http)
    return server


def host_and_port(parts: SplitResult | None) -> tuple[str | None, int | None]:
    """Return the host of a URL, as it stands there, and its port, if it names one; no host where it is no URL."""
    try:
        return (None, None) if parts is None else (parts.hostname or "", parts.port)
    except ValueError:
        return None, None


def checked_host(field: str, host: str, *, advice: str) -> str:
    """Return a name or an address as an :class:`Origin` has it.

    :raises ConfigurationError: naming ``field``.
    """
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


def check_encrypted(field: str, server: Origin, *, allow_http: bool) -> None:
    """Refuse plain http to another machine, unless the connection allows it. Each server is judged alone.

    :raises ConfigurationError: naming ``field``.
    """
    if server.scheme == "http" and not allow_http and not _is_loopback(server.host):
        raise ConfigurationError(
            field,
            "is plain http, which sends credentials unencrypted",
            advice="Use https; on a network that you trust, set allow_http (Allow plain HTTP).",
        )


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


def _is_loopback(host: str) -> bool:
    host = host.removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
