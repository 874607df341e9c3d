"""The body that a ``requests.Response`` holds: whether it was read, and to put one there.

``requests`` has no public way to do either. To look at ``response.content`` reads whatever is left, without bounds. To
replace ``response.raw`` would take from users what only that has: each ``Set-Cookie``, and the HTTP version. So these
functions touch its private attributes, and no others do.
"""

from __future__ import annotations

import requests


def is_read(response: requests.Response) -> bool:
    """Return whether the body was read to its end: into ``response.content``, or by ``iter_content``."""
    return bool(response._content_consumed)  # type: ignore[attr-defined]


def content_of(response: requests.Response) -> bytes | None:
    """Return the body that is in ``response.content``; None where it is not there, or not yet."""
    content = response._content
    return content if isinstance(content, bytes) else None


def keep(response: requests.Response, content: bytes) -> None:
    """Make ``content`` the value of ``response.content``: the body as far as it was read."""
    response._content = content
    response._content_consumed = True  # type: ignore[attr-defined]
