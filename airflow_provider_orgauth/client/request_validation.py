"""Check a caller's method and headers: only those pass that every server reads in the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_orgauth.client.request_template import entries
from airflow_provider_orgauth.exceptions import ConfigurationError

if TYPE_CHECKING:
    import requests

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What methods and header names are made of (RFC 9110 section 5.6.2); requests and http.client let more through."""

_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # the same, section 5.5: no control character, and Latin-1

FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Headers that say where a request ends. They come from the body; from elsewhere, two servers may see two requests."""

NOT_FOR_TOKENS = FRAMING | {
    *("host", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "range", "cookie", "date"),
    *("accept", "accept-encoding", "content-type", "content-encoding", "user-agent"),
    *("proxy-authorization", "proxy-connection"),
}
"""Headers that say something of their own, or that do not arrive at the API: none in which it looks for a token."""

KNOWN_METHODS = frozenset(
    {
        *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "SEARCH", "REPORT", "PROPFIND"),
        *("PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "LINK", "UNLINK", "BIND", "UNBIND", "REBIND"),
        *("ACL", "MERGE", "UPDATE", "LABEL", "CHECKIN", "CHECKOUT", "UNCHECKOUT", "VERSION-CONTROL"),
        *("BASELINE-CONTROL", "MKACTIVITY", "MKWORKSPACE", "MKCALENDAR", "MKREDIRECTREF", "UPDATEREDIRECTREF"),
        *("ORDERPATCH", "LIST", "PURGE", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "VIEW", "M-SEARCH"),
    }
)
"""The methods that IANA has registered, and a few that servers have besides (Vault lists with LIST)."""

_NEVER = frozenset({"CONNECT", "TRACE", "TRACK"})  # as browsers: TRACE answers with the request, its token included


def check_method(method: Any) -> None:
    """Refuse what is no method, one that nobody knows, and the methods whose answer repeats the token.

    :raises ConfigurationError: naming ``method``.
    """
    if not isinstance(method, str) or not TOKEN.fullmatch(method) or method.upper() in _NEVER:
        raise ConfigurationError(
            "method", "is not an HTTP method that can be used", advice="Write one such as GET or POST."
        )
    if method.upper() not in KNOWN_METHODS:
        raise ConfigurationError(
            "method",
            f"is {method[:40]!r}, which is no HTTP method",
            advice="Write GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.",
        )


def check_request(request: requests.PreparedRequest) -> None:
    """Refuse a request that cannot be written, or that a server could take for another one or for two.

    :raises ConfigurationError: naming ``method`` or ``headers``.
    """
    check_method(request.method)
    lengths = {}
    for name, value in ((_text(name), _text(value)) for name, value in entries(request.headers)):
        _check_header(name, value)
        if name.lower() in FRAMING:
            lengths[name.lower()] = value
    if len(lengths) > 1 or (request.body is None and lengths not in ({}, {"content-length": "0"})):
        raise ConfigurationError(
            "headers", "holds Content-Length or Transfer-Encoding", advice="Leave these out; they come from the body."
        )
    host = request.headers.get("Host")
    if host is not None and _text(host).lower() != urlsplit(request.url or "").netloc.lower():
        raise ConfigurationError(
            "headers", "names another Host than the request goes to", advice="Put the name into Server address."
        )


def check_headers(headers: Any) -> None:
    """Refuse what no request can have for headers; a value of None leaves a header of the connection out.

    :raises ConfigurationError: naming ``headers``.
    """
    if not isinstance(headers, Mapping):
        raise ConfigurationError(
            "headers", f"is {type(headers).__name__}", advice='Write a dict: {"Accept": "text/csv"}.'
        )
    for name, value in headers.items():
        if not isinstance(name, str | bytes):
            raise ConfigurationError(
                "headers", f"holds a name that is {type(name).__name__}", advice="Write it as a text."
            )
        if not isinstance(value, str | bytes | None):
            raise ConfigurationError(
                "headers", f"the value of {_text(name)[:100]!r} is {type(value).__name__}", advice="Write it as a text."
            )
        _check_header(_text(name), _text(value or ""))


@lru_cache(maxsize=256)  # a header comes with each request
def _is_name(name: str) -> bool:
    return TOKEN.fullmatch(name) is not None


def _check_header(name: str, value: str) -> None:
    if not _is_name(name):
        raise ConfigurationError("headers", "holds a name that is no header name", advice="Correct it.")
    if not is_header_value(value):
        raise ConfigurationError(
            "headers", f"the value of {name!r} holds a character that no header may have", advice="Correct it."
        )


def is_header_value(value: str) -> bool:
    """Return whether ``value`` is free of control characters, and Latin-1, as http.client wants it."""
    return (value.isascii() and value.isprintable()) or _VALUE.fullmatch(value) is not None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
