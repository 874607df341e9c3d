"""What an encoding of a file is."""

from __future__ import annotations

from typing import Any, Protocol


class Encoding(Protocol):
    """Turns the bytes of a file into the bytes that are stored. Another process can take over at a cut.

    The stored bytes depend on the file's bytes and on where the cuts are, and on nothing else: not on how the file's
    bytes were divided into calls, nor on which process wrote them. How many of them a call returns does not depend on
    time either. Both do depend on the compressing library's version.
    """

    def add(self, data: bytes) -> bytes:
        """Take the file's next bytes, and return what is ready to be stored: perhaps nothing yet."""

    def cut(self) -> bytes:
        """Return the rest of what was taken so far, so that a new encoding with :meth:`state` can resume after it.

        Each cut costs some compression: megabytes should be between two.
        """

    def finish(self) -> bytes:
        """Return the rest and the end of the file. Nothing is called after it."""

    def state(self) -> dict[str, Any]:
        """Return what a new encoding needs to continue, as JSON. It holds right after :meth:`cut` only."""
