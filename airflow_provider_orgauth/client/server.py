"""The configured server: what an endpoint resolves to, and which URLs may see a credential."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from airflow_provider_orgauth.exceptions import ForeignOriginError
from airflow_provider_orgauth.oauth.redaction import one_line

DEFAULT_PORTS = {"http": 80, "https": 443}

_AMBIGUOUS = re.compile(r"[\x00-\x20\\\x7f\ud800-\udfff]")
_HOST_AND_PORT = re.compile(r"(\[[^\[\]]*\]|[^\[\]]*)(:[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Server:
    """An origin (RFC 6454): scheme, host and port.

    :param scheme: ``https`` or ``http``.
    :param host: lower-case name or address; an IPv6 address without brackets.
    """

    scheme: str
    host: str
    port: int

    @property
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
        if not isinstance(endpoint, str):
            raise _refused(type(endpoint).__name__, "is not a text")
        if _is_ambiguous(endpoint.strip(" ")):
            raise _refused(endpoint, "has white space, a control character, a backslash or a lone surrogate in it")
        endpoint = endpoint.strip(" ")
        if endpoint.startswith("//"):
            raise _refused(endpoint, "names another host")
        parts = split(endpoint)
        if parts is None:
            raise _refused(endpoint, "is not a valid URL")
        if _has_dot_segment(parts.path):
            raise _refused(endpoint, "has a segment . or .. in it")
        if "#" in endpoint:
            raise _refused(endpoint, "has a # in it (an id writes it as %23)")
        if not parts.scheme and not parts.netloc:
            return f"{self.origin}/{endpoint.lstrip('/')}"
        # "a:b/c" is a path to people and a scheme to parsers; a colon before the first slash decides nothing good.
        if not parts.netloc or not self._is_origin_of(parts):
            raise _refused(endpoint, f"is not on {self.origin}")
        return endpoint

    def owns(self, url: str) -> bool:
        """Tell whether an absolute ``url`` is on this origin."""
        if _is_ambiguous(url):
            return False
        if url.startswith(f"{self.origin}/"):  # as nearly every URL here is written: it need not be taken apart
            return True
        parts = split(url)
        return parts is not None and self._is_origin_of(parts)

    def _is_origin_of(self, parts: SplitResult) -> bool:
        try:
            port = DEFAULT_PORTS.get(parts.scheme) if parts.port is None else parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        return (parts.scheme, parts.hostname, port) == (self.scheme, self.host, self.port)


def _is_ambiguous(url: str) -> bool:
    """Tell whether ``url`` has white space, control characters, backslashes or lone surrogates in it.

    Clients disagree on what these mean, and some leave them out before they read the rest; none of them is needed.
    Nor are halves of surrogate pairs, which no URL can carry.
    """
    return _AMBIGUOUS.search(url) is not None


def _has_dot_segment(path: str) -> bool:
    """Tell whether ``path`` has a segment that someone on the way takes for ``.`` or ``..``.

    RFC 3986 section 5.2.4 removes them; requests decodes ``%2e``; some servers decode ``%2f`` and ``%5c`` before they
    look, and some leave out what follows a ``;``.
    """
    segments = unquote(path).replace("\\", "/").split("/")
    return any(segment.partition(";")[0] in (".", "..") for segment in segments)


def split(url: str) -> SplitResult | None:
    """Return the parts of ``url``, or None where it is no valid URL.

    What stands beside the brackets of an IPv6 address, as in ``x[::1]y:80``, Python leaves out and others do not.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]) else None


def _refused(endpoint: str, problem: str) -> ForeignOriginError:
    return ForeignOriginError(
        f"endpoint {one_line(endpoint.partition('?')[0])!r} {problem}; no credential is sent there.",
        advice="Give a path on the connection's server, such as /api/v1/organization/profile.",
    )
