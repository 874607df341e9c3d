"""The same-origin rule: what is accepted, two other URL parsers and ``requests`` take for the same origin as we do."""

from __future__ import annotations

import requests
import yarl
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from airflow_provider_orgauth.client.origin import DEFAULT_PORTS, Origin
from airflow_provider_orgauth.exceptions import ForeignOriginError
from fuzz import reading

SERVERS = (
    Origin("https", "fra1.example", 443),
    Origin("http", "127.0.0.1", 8089),
    Origin("https", "::1", 8443),
)
_UNSENDABLE = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError)


def check(url: str, server: Origin) -> None:
    """Assert what must hold of an endpoint or URL for one server."""
    try:
        accepted = server.url(url)
    except ForeignOriginError as error:
        assert "\n" not in str(error)
        assert error.advice
    else:
        assert server.owns(accepted)
        assert_same_origin(accepted, server)
    if server.owns(url):
        assert_same_origin(url, server)


def assert_same_origin(url: str, server: Origin) -> None:
    """Assert that others read ``url`` as being on ``server``, where they read it at all."""
    assert not any(char <= " " or char in "\\\x7f" for char in url), (
        "others may leave that out, or turn it into a slash"
    )
    mine = (server.scheme, server.host, server.port)
    try:
        u3 = parse_url(url)
    except LocationParseError:
        pass
    else:
        host = (u3.host or "").strip("[]")
        port = DEFAULT_PORTS.get(u3.scheme or "") if u3.port is None else u3.port
        assert (u3.scheme, host, port) == mine, f"urllib3 reads {u3.scheme}, {host}, {port}"
        assert u3.auth is None
    try:
        yarl_url = yarl.URL(url)
        found = (yarl_url.scheme, yarl_url.raw_host, yarl_url.port)
    except (ValueError, UnicodeError):
        pass
    else:
        assert found == mine, f"yarl reads {found}"
        assert yarl_url.user is None
    try:
        sent = requests.Request("GET", url).prepare().url or ""
    except _UNSENDABLE:
        return
    assert server.owns(sent), "requests sends it elsewhere"


def one(data: bytes) -> None:
    """The endpoint."""
    for server in SERVERS:
        check(reading.text(data), server)
