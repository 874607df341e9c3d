"""The hidden file of one attempt: its unique name, its lock while the attempt runs, its removal when that is dead."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from enum import Enum
from functools import cache
from pathlib import Path

from airflow_provider_orgauth.exports.hidden_name import hidden_name

IDLE_SECONDS = 120
"""Where a file system has no locks, a hidden file without a write for so long counts as a dead attempt's."""

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Append only: a file that is truncated by another process gets shorter, and no hole of NULs.

And no link is followed, nor is a pipe waited for: any user who may write to the folder may have planted one.
"""


_MAX_NAMES_TRIED = 10


class LockState(Enum):
    """Whether this process alone has a file open."""

    MINE = "mine"
    TAKEN = "taken"
    NONE = "none"
    """The file system knows no locks."""


class HiddenFiles:
    """The hidden files of one task's attempts at one file: ``.<name>.<key>.<attempt>.part``, beside it.

    :param path: the final name.
    :param key: tells this task's hidden files from another's with the same final name.
    """

    def __init__(self, path: Path, *, key: str) -> None:
        self._folder = path.parent
        self._stem = f"{hidden_name(path.name, key)}."

    def create(self) -> tuple[int, Path, LockState]:
        """Make an empty file with a new name.

        :returns: its descriptor, open to append, its path, and whether it is locked.
        :raises FileExistsError: whatever is made there is gone at once.
        """
        for _ in range(_MAX_NAMES_TRIED):
            path = self._folder / f"{self._stem}{secrets.token_hex(6)}.part"
            descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
            lock = lock_of(descriptor)
            # An attempt that tidies up at this very moment may have taken it for a dead attempt's.
            if lock is not LockState.TAKEN and leads_to(path, descriptor):
                return descriptor, path, lock
            os.close(descriptor)
        raise FileExistsError(errno.EEXIST, "Hidden files are removed as soon as they are made", str(self._folder))

    def open(self, name: str) -> tuple[int, Path]:
        """Open the file of that name, to append; return its descriptor and its path.

        :raises FileNotFoundError: there is none, or it is none of this task's.
        """
        path = self._folder / name
        descriptor = os.open(path, _FLAGS) if self._is_name(name) else -1
        if descriptor >= 0 and stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor, path
        if descriptor >= 0:
            os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "No hidden file of this task", str(path))

    def tidy(self, *, own: int) -> None:
        """Remove what attempts that are dead have left; what cannot be removed stays.

        :param own: the descriptor of this attempt's file, which tells the file system's time.
        """
        try:
            names = [entry.name for entry in os.scandir(self._folder) if self._is_name(entry.name)]
        except OSError:  # a folder that may not be listed
            return
        for name in names:
            with contextlib.suppress(OSError):
                self._remove_if_dead(name, os.fstat(own))

    def _remove_if_dead(self, name: str, own: os.stat_result) -> None:
        descriptor, path = self.open(name)
        try:
            found = os.fstat(descriptor)
            if os.path.samestat(found, own):
                return
            lock = lock_of(descriptor)
            is_dead = own.st_mtime - found.st_mtime > IDLE_SECONDS if lock is LockState.NONE else lock is LockState.MINE
            if is_dead and leads_to(path, descriptor):
                path.unlink()
        finally:
            os.close(descriptor)

    def _is_name(self, name: str) -> bool:
        # Earlier versions had one file for all attempts: its name has nothing between key and suffix.
        middle = name.removeprefix(self._stem).removesuffix("part")
        return name == f"{self._stem}{middle}part" and re.fullmatch(r"([0-9a-f]{12}\.)?", middle) is not None


def lock_of(descriptor: int) -> LockState:
    """Lock a file until this process closes it or ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return LockState.TAKEN
    except OSError:
        return LockState.NONE
    return LockState.MINE


def leads_to(path: Path, descriptor: int) -> bool:
    """Return whether a name is that of an open file."""
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except PermissionError:
        raise
    except OSError:  # there is none, nor perhaps a folder any more
        return False


@cache
def this_boot() -> str:
    """Return an id of this machine's boot, the same in all of its containers; empty where there is none.

    Within one kernel, a lock proves that no other process has the file open: between two hosts, a mount with ``nolock``
    or ``local_lock`` does not pass the lock on. Containers of one kernel have this id in common.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")
    except OSError:
        return ""
