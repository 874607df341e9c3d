"""A server address as typed: one origin, which other URL parsers read as well, or an error that names a field."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna
import yarl
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection import read_connection
from fuzz import reading
from fuzz.targets.server_url import assert_same_origin

SECRET = "s3cr3t/ +~%41"


@dataclass(slots=True)
class Connection:
    """What is read of an Airflow connection: the real one looks up more than a fuzzer has time for."""

    host: str | None = "fra1.example"
    port: int | None = None
    schema: str | None = None
    login: str | None = "my-id"
    password: str | None = SECRET
    extra: str | None = None


def check(host: str | None, schema: str | None, port: int | None, *, allow_http: bool = False) -> None:
    """Assert what must hold of one address."""
    extra = '{"allow_http": true}' if allow_http else None
    try:
        settings = read_connection(Connection(host, port, schema, extra=extra))
    except ConfigurationError as error:
        assert error.field in ("host (Server address)", "port", "schema", "oauth_path (Token endpoint: path or URL)")
        assert error.advice
        assert SECRET not in str(error)
        return
    server = settings.server
    assert server.scheme in ("http", "https")
    assert 0 < server.port < 65536
    assert server.host.isascii()
    assert server.host == server.host.lower()
    assert not set(server.host) & set(" @\\/?#[]%\r\n\t")
    assert server.scheme == "https" or allow_http or is_loopback(server.host), "credentials in plain text"
    assert port in (None, 0, server.port)
    for url in (server.origin, server.url("/x"), settings.client.token_url):
        assert server.owns(url)
        assert_same_origin(url, server)
    assert_as_typed((host or "").strip(), server)


def is_loopback(host: str) -> bool:
    """Tell whether a request to ``host`` stays on this machine."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def assert_as_typed(address: str, server: Origin) -> None:
    """Assert that others who read the typed address at all find the same host in it, and no other port."""
    url = address if "://" in address else f"{server.scheme}://{address}"
    for read in (_by_urllib3, _by_yarl):
        found = read(url)
        if found is not None:
            assert _canonical(found[0]) == _canonical(server.host), f"{read.__name__}: {found}"
            assert found[1] in (None, server.port), f"{read.__name__}: {found}"


def _by_urllib3(url: str) -> tuple[str, int | None] | None:
    try:
        parts = parse_url(url)
    except LocationParseError:
        return None
    return (parts.host or "", parts.port)


def _by_yarl(url: str) -> tuple[str, int | None] | None:
    try:
        parts = yarl.URL(url)
        if not url.isascii():
            idna.encode(urlsplit(url).hostname or "", uts46=True)  # where this fails, yarl turns to the rules of 2003
    except ValueError:
        return None
    return (parts.raw_host or "", parts.explicit_port)


def _canonical(host: str) -> str:
    host = host.strip("[]").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def one(data: bytes) -> None:
    """Lines with the host, the schema, the port, and ``http`` where plain http is allowed."""
    (host, schema, port, allowed), _ = reading.lines(data, 4)
    check(host, schema, reading.number(port, low=-1, high=70000) if port else None, allow_http=allowed == "http")
