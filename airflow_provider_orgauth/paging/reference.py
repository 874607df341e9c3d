"""From a link as a server wrote it to the URL to ask for: by RFC 3986 section 5, and leniently, as browsers do it."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from airflow_provider_orgauth.exceptions import PaginationError

_PADDING = "".join(map(chr, range(0x21)))
"""What browsers leave out around a URL (https://url.spec.whatwg.org/#concept-basic-url-parser)."""

# Neither changes where a path or an authority ends. A backslash in a path stays, and is refused when it is to be sent:
# browsers take it for a slash, others do not.
_PATH = "!$%&'()*+,-./:;=@[\\]_|~"
_QUERY = "!$%&'()*+,-./:;=?@[]^_`{|}~"


def url_of(base: str, link: str) -> str:
    """Return a link as a URL: absolute, without a fragment, its spaces and other characters percent-encoded.

    The authority stays as it is: the session that sends the request decides, by the returned URL, whether it may be
    asked.

    :param base: the URL of the answer that the link came from (RFC 8288 section 3.1).
    :param link: bytes of a header that are not UTF-8 are halves of surrogate pairs, as ``surrogateescape`` has it, and
        are percent-encoded as they came.
    :raises PaginationError: it is no URL.
    """
    try:
        text = _plain(link)
        parts = urlsplit(urljoin(base, text))
        path = _encoded(_without_dots(parts.path), _PATH)
        url = urlunsplit((parts.scheme, parts.netloc, path, _encoded(parts.query, _QUERY), ""))
        url.encode()
    except ValueError:
        # Not quoted, because a link may hold anything.
        raise PaginationError("The link to the next page is no URL.", advice="Check what the server sends.") from None
    return url


def _plain(link: str) -> str:
    text = link.strip(_PADDING)
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("a control character")  # browsers leave some of them out; no server means them
    return text


def over_https(base: str, url: str) -> str:
    """Return an ``http`` URL on the host of ``base`` as one on the origin of ``base``; any other as it is."""
    ours, theirs = urlsplit(base), urlsplit(url)
    if theirs.scheme != "http" or ours.scheme != "https" or theirs.hostname != ours.hostname or "@" in theirs.netloc:
        return url
    return urlunsplit(("https", ours.netloc, *theirs[2:]))


def _encoded(text: str, safe: str) -> str:
    return quote(text, safe, errors="surrogateescape")


def _without_dots(path: str) -> str:
    """Return the path without ``.`` and ``..`` (RFC 3986 section 5.2.4), which urljoin lets be in an absolute URL."""
    segments = path.split("/")
    if "." not in segments and ".." not in segments:
        return path
    kept: list[str] = []
    for segment in segments[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if segments[-1] in (".", "..") else kept)
