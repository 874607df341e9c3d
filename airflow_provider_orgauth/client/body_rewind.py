"""Send a body again: bytes always can, a file from where it was, a generator never."""

from __future__ import annotations

import requests
from requests.utils import rewind_body


def can_rewind(request: requests.PreparedRequest) -> bool:
    """Return whether the body of ``request`` can be sent a second time."""
    # When requests prepares a request, it notes the file's position; anything but a number means "unknown". Its public
    # rewind_body reads the same note, but moves the file, which a mere question must not do.
    position = getattr(request, "_body_position", None)
    return _is_whole(request) or isinstance(position, int)


def rewind(request: requests.PreparedRequest) -> None:
    """Put the body of ``request`` back to where it was when it was prepared, if that can be done."""
    if not _is_whole(request) and can_rewind(request):
        rewind_body(request)


def _is_whole(request: requests.PreparedRequest) -> bool:
    return request.body is None or isinstance(request.body, bytes | str)
