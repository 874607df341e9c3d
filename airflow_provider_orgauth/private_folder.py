"""The folder in which the processes of one user and host meet: lock files, and the schedule of a rate limit."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def private_folder() -> Path:
    """Return this user's folder for such files; a folder that someone else could have prepared is refused.

    :raises OSError: there is none that can be used.
    """
    folder = Path(tempfile.gettempdir()) / f"airflow-orgauth-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise PermissionError(f"{folder} belongs to or is open to others")
    return folder
