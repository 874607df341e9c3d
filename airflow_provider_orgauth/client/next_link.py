"""The error for a server's link to the next page that is not followed: why, and what to do."""

from __future__ import annotations

from airflow_provider_orgauth.client.endpoint import split_url
from airflow_provider_orgauth.client.origin import DEFAULT_PORTS
from airflow_provider_orgauth.exceptions import ForeignOriginError
from airflow_provider_orgauth.oauth.text_redaction import one_line


def refused_link(url: str, error: ForeignOriginError) -> ForeignOriginError:
    """Return the error for a next link that is not on the connection's server, or cannot be asked for.

    :param url: the link. Only its origin is shown: its query may hold a token, its user info a password.
    :param error: what the session said of it.
    """
    place, server = _origin(url), error.server
    if not server or place == server:
        return _told(
            f"The server's next link {error.problem}; it is not followed.", "Check what the server sends.", error
        )
    return _told(
        f"The server's next link leads to {place or 'no server'}, and the connection's server is {server}; no "
        "credential is sent elsewhere.",
        _advice(url, server),
        error,
    )


def _advice(url: str, server: str) -> str:
    theirs, ours = split_url(url), split_url(server)
    is_same_host = theirs is not None and ours is not None and theirs.hostname == ours.hostname
    if is_same_host and url.startswith("http:") and server.startswith("https:"):
        return (
            "A server behind a TLS proxy may not know how it was asked: set upgrade_http=True in LinkPagination to "
            "follow such links over https."
        )
    if is_same_host:
        return "If both are the same server, set Server address to the one that its links name."
    return "If the API has moved, change Server address; if not, its links are wrong: tell whoever runs the API."


def _origin(url: str) -> str:
    """Return scheme, host and port as far as there are any, without user info."""
    parts = split_url(url)
    if parts is None or not parts.netloc:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    return one_line(f"{parts.scheme}://{host.removesuffix(f':{DEFAULT_PORTS.get(parts.scheme)}')}")


def _told(message: str, advice: str, error: ForeignOriginError) -> ForeignOriginError:
    return ForeignOriginError(message, advice=advice, problem=error.problem, server=error.server)
