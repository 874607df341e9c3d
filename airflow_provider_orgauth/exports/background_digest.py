"""A SHA-256 that is computed on a thread of its own, while the next page is taken apart."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_MAX_WAITING_PIECES = 4
"""Pieces that may wait to be hashed. With more, the caller waits for the oldest, so that memory stays flat."""


class BackgroundDigest:
    """The SHA-256 of all that it was given, in that order.

    The thread ends with this object.
    """

    def __init__(self) -> None:
        self._digest: Any = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orgauth-digest")
        self._waiting: deque[Future[None]] = deque()

    def update(self, data: bytes) -> None:
        """Add ``data``, which must not be changed after this."""
        while len(self._waiting) >= _MAX_WAITING_PIECES:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._digest.update, data))

    def hexdigest(self) -> Future[str]:
        """Return, as a future, the digest of all that was given until now, in hex digits."""
        return self._thread.submit(self._digest.hexdigest)
