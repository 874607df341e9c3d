"""One renewal at a time among the processes of one host and user: 20 tasks that start together ask for one token.

The lock is advisory and for economy only. Whoever cannot have it goes on without, which costs a token request and
never a task; the operating system releases it when its holder dies.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from airflow_provider_orgauth.private_folder import private_folder

log = logging.getLogger(__name__)

POLL = 0.2
"""Seconds between two tries: two hundred processes that wait shall not keep the one that renews from its processor."""


@contextmanager
def host_lock(name: str, *, longest_wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock ``name`` while the context lasts, or go on without it after ``longest_wait`` seconds.

    The context's value is False where another process of this host holds the lock.
    """
    lock, alone = None, True
    try:
        lock = FileLock(private_folder() / f"{name}.lock", mode=0o600)
        lock.acquire(timeout=longest_wait, poll_interval=POLL)
    except Timeout:
        alone = False
    except (OSError, NotImplementedError) as error:
        log.debug("No lock file can be used here (%s); going on without.", type(error).__name__)
    try:
        yield alone
    finally:
        if lock is not None:
            lock.release()  # does nothing where it was not acquired
