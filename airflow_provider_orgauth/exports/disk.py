"""See that a file is on the disk, and not only with the operating system, without waiting at the end for all of it."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor

_STEP = 8 * 1024 * 1024
"""Bytes after which a step towards the disk is worth the trouble."""


class DiskSync:
    """Brings a growing file to the disk, step by step, on a thread of its own.

    :param descriptor: of the open file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orgauth-disk")
        self._step: Future[None] | None = None
        self._begun_at = 0

    def grown(self, size: int) -> None:
        """Take a step if the file has grown enough since the last one, and that one is done.

        :raises OSError: the last step failed. It is said once only: a later one would pass over what was lost.
        """
        if size - self._begun_at < _STEP or not (self._step is None or self._step.done()):
            return
        self._wait()
        self._begun_at = size
        self._step = self._thread.submit(os.fsync, self._descriptor)

    def finish(self) -> None:
        """Bring the rest there, and wait for it.

        :raises OSError: it could not be done.
        """
        self._wait()
        os.fsync(self._descriptor)

    def close(self) -> None:
        """End the thread: the file can be closed after it."""
        self._thread.shutdown()

    def _wait(self) -> None:
        if self._step is not None:
            self._step.result()
            self._step = None
