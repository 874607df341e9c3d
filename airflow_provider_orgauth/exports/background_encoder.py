"""Work on the bytes of a file beside the thread that fetches them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

PIECE_BYTES = 1 << 20
"""How many bytes are worked on at a time; three times as many are in memory."""


class BackgroundEncoder:
    """Works on pieces of one size, in order, on a thread that is one piece behind.

    A result is returned as soon as the next piece is full, not as soon as it is there: so the bytes that come out of a
    call depend on the bytes that went in, and not on time.

    :param work: takes a piece, returns what comes of it.
    """

    def __init__(self, work: Callable[[bytes], bytes]) -> None:
        self._work = work
        self._buffer = bytearray()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orgauth-encoding")
        self._running: Future[bytes] | None = None

    def add(self, data: bytes) -> bytes:
        """Take bytes, and return what came of earlier pieces."""
        self._buffer += data
        done = []  # joined once: what comes of a page of 256 MiB would be copied with each of its pieces
        while len(self._buffer) >= PIECE_BYTES:
            done.append(self._wait())
            self._start()
        return b"".join(done)

    def rest(self) -> bytes:
        """Return all that is not returned yet; the last piece is as small as it is."""
        done = self._wait()
        if self._buffer:
            self._start()
            done += self._wait()
        return done

    def close(self) -> None:
        """End the thread. It also ends when this is forgotten."""
        self._thread.shutdown()

    def _start(self) -> None:
        piece = bytes(self._buffer[:PIECE_BYTES])
        del self._buffer[:PIECE_BYTES]
        self._running = self._thread.submit(self._work, piece)

    def _wait(self) -> bytes:
        running, self._running = self._running, None
        return b"" if running is None else running.result()
