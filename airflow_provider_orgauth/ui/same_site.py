"""Whether a POST comes from the page itself. A browser may send the cookie for other sites, too."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

ACTION_HEADER = "x-orgauth-action"
"""The page's script sends it. Another site's cannot, unless Airflow's CORS settings let it."""


def foreign_reason(headers: Mapping[str, str], base_url: str) -> str | None:
    """Return why a request with these headers (lower-case names) is not the page's own; None if it is.

    :param base_url: ``[api] base_url``: behind a proxy, the ``Host`` may be another one than the browser's.
    """
    if headers.get(ACTION_HEADER) != "1":
        return f"It lacks the header {ACTION_HEADER}: 1."
    site = headers.get("sec-fetch-site")
    if site is not None:  # plain http gets none, but on loopback
        return None if site == "same-origin" else "It comes from another site."
    origin = headers.get("origin")
    if origin is not None and (_host_of(origin) or "null") not in {headers.get("host", "").lower(), _host_of(base_url)}:
        return "It comes from another site. If it does not, set [api] base_url to what the browser's address bar shows."
    return None


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
