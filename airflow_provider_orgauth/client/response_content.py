"""The body that a ``requests.Response`` holds: whether it was read, and to put one there.

``requests`` has no public way to either. Who asks for ``response.content`` reads whatever is left, without bounds; and
to give the answer other bytes to read in place of ``response.raw`` would take that from users, who find each
``Set-Cookie`` and the HTTP version there. So these are the only functions that touch its private attributes.
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
    """Let ``response.content`` be this: what was read of it."""
    response._content = content
    response._content_consumed = True  # type: ignore[attr-defined]
