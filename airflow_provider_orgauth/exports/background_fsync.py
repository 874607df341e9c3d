"""Sync a growing file to the disk and check its bytes while it is written, not all of it at the end."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_STEP_BYTES = 8 * 1024 * 1024
"""Bytes between two syncs."""

_PIECE_BYTES = 256 * 1024
"""Bytes that are read back at once: after each piece the thread waits for its turn with the interpreter.

No more than a page of an answer takes: a larger buffer that is freed lets glibc keep all of up to its size in its heaps
from then on (mallopt(3), M_MMAP_THRESHOLD), where the pages of sixteen requests leave gaps. With 2 MiB an export of a
million records took 14 MB more.
"""


class BackgroundFsync:
    """Brings a growing file to the disk and reads it back, step by step, on a thread of its own.

    What is read back comes from the operating system's memory, at some GB/s, and takes no second look at the disk.

    :param descriptor: of the open file, which may be read.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orgauth-disk")
        self._step: Future[None] | None = None
        self._begun_at = 0
        self._read = 0
        self._digest: Any = hashlib.sha256()
        self.has_failed = False
        """Whether the disk has refused something: the bytes that the operating system still shows may not be on it."""

    def grown(self, size: int) -> None:
        """Begin a sync if the file has grown enough since the last one, and that one is done.

        :raises OSError: the last step failed. The system reports it once only: a later sync would succeed without those
            bytes.
        """
        if size - self._begun_at < _STEP_BYTES or not (self._step is None or self._step.done()):
            return
        self._wait()
        self._begun_at = size
        self._step = self._thread.submit(self._bring, size)

    def finish(self, size: int) -> str:
        """Sync the rest, wait for it, and return the SHA-256 of what is in the file, in hex digits.

        :raises OSError: it could not be done.
        """
        self._wait()
        self._bring(size)
        return str(self._digest.hexdigest())

    def close(self) -> None:
        """End the thread: the file can be closed after it."""
        self._thread.shutdown()

    def _bring(self, size: int) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError:
            self.has_failed = True
            raise
        buffer = memoryview(bytearray(_PIECE_BYTES))
        while self._read < size and (came := os.preadv(self._descriptor, [buffer[: size - self._read]], self._read)):
            self._digest.update(buffer[:came])
            self._read += came

    def _wait(self) -> None:
        if self._step is not None:
            step, self._step = self._step, None
            step.result()
