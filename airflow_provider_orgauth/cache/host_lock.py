"""One renewal at a time among the processes of one host and user: 20 tasks that start together ask for one token.

The lock is advisory and saves requests only. A process that cannot have it renews without it, which costs a token
request and never a task. The operating system releases the lock when its holder dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.private_folder import private_folder

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""Seconds between two attempts: two hundred that wait must leave the processor to the one that renews."""


@contextmanager
def host_lock(name: str, *, longest_wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock ``name`` while the context lasts, or continue without it after ``longest_wait`` seconds.

    The context's value is False where another process of this host holds the lock.
    """
    lock, alone = None, True
    try:
        try:
            lock = _Lock(private_folder() / f"{name}.lock")
            alone = lock.acquire(longest_wait)
        except (OSError, NotImplementedError) as error:
            log.debug("No lock file can be used here (%s); going on without.", type(error).__name__)
        yield alone
    finally:
        if lock is not None:
            lock.release()


class _Lock:
    """A locked file. A forked child shares the lock: it must neither release it, nor keep it when its parent dies.

    :raises OSError: there can be no such file.
    """

    def __init__(self, path: Path) -> None:
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        forks.watch(self)

    def after_fork(self) -> None:
        """Leave it to the parent."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def acquire(self, longest_wait: float) -> bool:
        """Return whether the lock was acquired in that time.

        :raises OSError: the file system has no locks.
        """
        end = time.monotonic() + longest_wait
        while self._file is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                time.sleep(min(POLL_SECONDS, left))
            else:
                return True
        return True

    def release(self) -> None:
        """Release it, if it is held here."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # there was no lock to be had
                fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)
