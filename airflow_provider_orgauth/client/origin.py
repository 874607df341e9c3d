"""The configured server: what an endpoint resolves to, and which URLs may see a credential."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

from airflow_provider_orgauth.client.endpoint import (
    check_endpoint,
    is_ambiguous,
    is_plain_path,
    refused_endpoint,
    split_url,
)

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """An origin (RFC 6454): scheme, host and port.

    :param scheme: ``https`` or ``http``.
    :param host: lower-case name or address; an IPv6 address without brackets.
    """

    scheme: str
    host: str
    port: int

    @cached_property
    def origin(self) -> str:
        """``https://host`` or ``https://host:port``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}")

    def url(self, endpoint: str) -> str:
        """Return the absolute URL of ``endpoint``: a path, or a URL on this very origin.

        ``/api/v1/x`` and ``api/v1/x`` are the same. ``//host/x``, another scheme, another host or port, user info and
        backslashes raise :class:`ForeignOriginError`: a token would follow them. So do ``#``, and ``..`` in any
        encoding: from within an id, they would turn the request to another path.
        """
        # Not a class of text of someone's own: an enum's member, formatted, is another text than it is compared as.
        if type(endpoint) is str and is_plain_path(endpoint):
            return f"{self.origin}{endpoint}"
        parts = check_endpoint(endpoint)
        endpoint = endpoint.strip(" ")
        if not parts.scheme and not parts.netloc:
            return f"{self.origin}/{endpoint.lstrip('/')}"
        # "a:b/c" looks like a path to people, and like a URL with a scheme to parsers: it is refused.
        if not parts.netloc or not self._is_origin_of(parts):
            raise refused_endpoint(endpoint, f"is not on {self.origin}", server=self.origin)
        return endpoint

    def owns(self, url: str) -> bool:
        """Return whether an absolute ``url`` is on this origin."""
        if is_ambiguous(url):
            return False
        if url.startswith(f"{self.origin}/"):  # nearly every URL is written like this, and need not be parsed
            return True
        parts = split_url(url)
        return parts is not None and self._is_origin_of(parts)

    def _is_origin_of(self, parts: SplitResult) -> bool:
        try:
            port = DEFAULT_PORTS.get(parts.scheme) if parts.port is None else parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        host = parts.hostname or ""
        if not host.isascii():
            host = ascii_name(host)
        return (parts.scheme, host, port) == (self.scheme, self.host, self.port)


def ascii_name(host: str) -> str:
    """Return a name as the HTTP library would look it up, or an empty text.

    Python's own codec is of 2003 and looks up another name than browsers and ``requests`` do: fass.de for faß.de.
    """
    import requests

    try:
        url = requests.Request("GET", f"https://{host}/").prepare().url
    except (requests.RequestException, ValueError):
        return ""
    return urlsplit(url or "").hostname or ""
