"""Check an endpoint: a path on the connection's server, or a URL there."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from airflow_provider_orgauth.exceptions import ForeignOriginError

_AMBIGUOUS = re.compile(r"[\x00-\x20\\\x7f\ud800-\udfff]")
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_~-]+/)*[A-Za-z0-9_~-]*")  # unreserved (RFC 3986 section 2.3), without the dot
_HOST_AND_PORT = re.compile(r"(\[[^\[\]]*\]|[^\[\]]*)(:[0-9]*)?")


def check_endpoint(endpoint: Any) -> SplitResult:
    """Return the parts of an endpoint; refuse one that is valid on no server, as :meth:`Origin.url` says.

    :raises ForeignOriginError: it is not valid.
    """
    if not isinstance(endpoint, str):
        raise refused_endpoint(type(endpoint).__name__, "is not a text")
    endpoint = endpoint.strip(" ")
    if is_ambiguous(endpoint):
        raise refused_endpoint(endpoint, "has white space, a control character, a backslash or a lone surrogate in it")
    if endpoint.startswith("//"):
        raise refused_endpoint(endpoint, "names another host")
    parts = split_url(endpoint)
    if parts is None:
        raise refused_endpoint(endpoint, "is not a valid URL")
    if _has_dot_segment(parts.path):
        raise refused_endpoint(endpoint, "has a segment . or .. in it")
    if "#" in endpoint:
        raise refused_endpoint(endpoint, "has a # in it (an id writes it as %23)")
    return parts


def is_plain_path(text: str) -> bool:
    """Return whether ``text`` is an absolute path with nothing in it that is quoted, or has to be."""
    return _PLAIN_PATH.fullmatch(text) is not None


def is_ambiguous(url: str) -> bool:
    """Return whether ``url`` has white space, control characters, backslashes or lone surrogates in it.

    Clients disagree on what these mean, and some leave them out before they read the rest; none of them is needed.
    Nor are halves of surrogate pairs, which no URL can carry.
    """
    return _AMBIGUOUS.search(url) is not None


def _has_dot_segment(path: str) -> bool:
    """Return whether ``path`` has a segment that someone on the way takes for ``.`` or ``..``.

    RFC 3986 section 5.2.4 removes them; requests decodes ``%2e``; some servers decode ``%2f`` and ``%5c`` before they
    look, and some leave out what follows a ``;``.
    """
    segments = unquote(path).replace("\\", "/").split("/")
    return any(segment.partition(";")[0] in (".", "..") for segment in segments)


def split_url(url: str) -> SplitResult | None:
    """Return the parts of ``url``, or None where it is no valid URL.

    Text beside the brackets of an IPv6 address, as in ``x[::1]y:80``, is ignored by Python and not by others.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]) else None


def refused_endpoint(endpoint: str, problem: str, *, server: str = "") -> ForeignOriginError:
    """Return the error for an endpoint that gets no credential.

    :param server: the origin that it is not on.
    """
    from airflow_provider_orgauth.oauth.text_redaction import one_line

    return ForeignOriginError(
        f"endpoint {one_line(endpoint.partition('?')[0])!r} {problem}; no credential is sent there.",
        advice="Give a path on the connection's server, such as /api/v1/organization/profile.",
        problem=problem,
        server=server,
    )
