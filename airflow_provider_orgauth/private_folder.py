"""The folder in which the processes of one user and host meet: lock files, what they share, a rate limit's schedule.

It lies where every user of the host may make one. Nothing is done in a folder that another user made, can write to, or
could put another in the place of: that user could plant files there, or hold a lock for ever.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

WARNED: set[str] = set()
"""The warnings that this process has logged."""


def private_folder() -> Path:
    """Return this user's folder for such files. Where there can be none, one warning says why, and what to do.

    :raises OSError: there is none that can be used.
    """
    try:
        return _folder()
    except OSError as error:
        _warn_once(error)
        raise


def _folder() -> Path:
    parent = Path(tempfile.gettempdir())
    mode = parent.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise PermissionError(f"{parent} is open to all users and has no sticky bit: set it with chmod +t")
    folder = parent / f"airflow-orgauth-{os.getuid()}"
    with contextlib.suppress(FileExistsError):  # by an earlier process; or by another user
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f"{folder} is no folder: remove it, or set TMPDIR to a folder of this user's own")
    if status.st_uid != os.getuid():
        raise PermissionError(
            f"{folder} belongs to the user {status.st_uid}: remove it, or set TMPDIR to a folder of this user's own"
        )
    if status.st_mode & 0o022:
        raise PermissionError(f"{folder} can be written by other users: remove it")
    return folder


def _warn_once(error: OSError) -> None:
    why = str(error)
    if why not in WARNED:
        WARNED.add(why)
        log.warning(
            "The processes of this user and host cannot share a lock and a token in a temporary folder: %s. "
            "Work goes on without, at the price of a token request now and then.",
            why,
        )
