"""A proxy that refuses: over http it answers in the server's place, over https it answers CONNECT (RFC 9110 9.3.6).

Nothing a proxy says is repeated, and not its address either: both may hold the credentials that it got.
"""

from __future__ import annotations

import re

import requests

from airflow_provider_orgauth.client.network_errors import PROXY_REFUSES, PROXY_REFUSES_NOW
from airflow_provider_orgauth.exceptions import ProxyRefusedError
from airflow_provider_orgauth.oauth.steps import Lost

AUTHENTICATION_REQUIRED = 407
"""RFC 9110 section 15.5.8: only a proxy answers this."""

_LATER = frozenset({408, 425, 429})

_TUNNEL_FAILED = re.compile(r"Tunnel connection failed: ([1-9][0-9]{2})\b")


class ProxyRefusal(requests.exceptions.ProxyError):
    """The proxy let nothing through.

    :ivar where: method and URL of the request.
    :ivar status: of the proxy's answer to CONNECT.
    """

    def __init__(self, where: str, message: str = "", status: int | None = None) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.status = status


def status_in(error: BaseException) -> int | None:
    """Return what a proxy answered to CONNECT, if that is what the error of ``http.client`` is about."""
    found = _TUNNEL_FAILED.match(str(error.args[0])) if type(error) is OSError and error.args else None
    return int(found[1]) if found else None


def is_final(status: int) -> bool:
    """Return whether another attempt would get the same answer to CONNECT: it is about the request, not the moment."""
    return status < 500 and status not in _LATER


def lost(status: int) -> Lost:
    """Return why no answer came, where a proxy answered CONNECT with this status."""
    row = PROXY_REFUSES if is_final(status) else PROXY_REFUSES_NOW
    return row.lost(detail=status, proxy_status=status)


def refused_by_proxy(where: str, status: int | None) -> ProxyRefusedError:
    """Return the error of a request that a proxy did not let through.

    :param where: what was asked for.
    :param status: of the proxy's answer.
    """
    if status == AUTHENTICATION_REQUIRED:
        return ProxyRefusedError(
            f"A proxy on the way wants credentials (407) for {where}.",
            advice="Put them, percent-encoded, into the worker's HTTPS_PROXY, or HTTP_PROXY for plain http: "
            "http://user:password@proxy:port. If they are there, correct them; or name the server in NO_PROXY.",
            status=status,
        )
    return ProxyRefusedError(
        f"The proxy does not let requests through to {where} (it answered CONNECT with {status}).",
        advice="Ask the proxy's administrator to allow this server, or name it in NO_PROXY if no proxy is needed.",
        status=status,
    )
