"""A text that the processes of one host and user share, in a file of their private folder.

It saves requests only: a process that cannot read or write it does without. The DEBUG log says so; where there is no
private folder, one warning does. What is secret is sealed before it comes here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
import time
from pathlib import Path

from airflow_provider_orgauth.private_folder import private_folder

log = logging.getLogger(__name__)

MAX_TEXT_BYTES = 256 * 1024
"""Bytes; a text that is longer was not written here. A token answer has 64 KiB at most."""

LEFTOVER_SECONDS = 3600.0
"""Seconds after which a half-written file is removed: the process that wrote it was killed."""

_ONE_OF_ITS_OWN = os.O_NOFOLLOW | os.O_CLOEXEC


class HostFile:
    """The text in the file ``name``. No method raises for a file system that is full, read-only or tampered with.

    :param name: of the file, without a folder.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self) -> str | None:
        """Return the text; None if there is none, or if the file cannot be this user's own."""
        try:
            return _text_of(private_folder() / self._name)
        except (OSError, ValueError) as error:
            self._go_on_without("read", error)
            return None

    def write(self, text: str) -> bool:
        """Put ``text`` there, whole or not at all; return whether that worked. If not, what was there may still be."""
        try:
            folder = private_folder()
            self._sweep(folder)
            part = self._part(folder)
            try:
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _ONE_OF_ITS_OWN, 0o600), "wb") as file:
                    file.write(text.encode())
                part.rename(folder / self._name)
            except BaseException:
                with contextlib.suppress(OSError):
                    part.unlink()
                raise
        except (OSError, ValueError) as error:
            self._go_on_without("written", error)
            return False
        return True

    def take(self) -> str | None:
        """Return the text and remove it: of all processes that take it at once, one gets it.

        The rename decides: it moves the file for one of them, and the others find none. If that process
        dies, the text is lost.
        """
        try:
            folder = private_folder()
            mine = self._part(folder)
            (folder / self._name).rename(mine)
            try:
                return _text_of(mine)
            finally:
                with contextlib.suppress(OSError):
                    mine.unlink()
        except (OSError, ValueError) as error:
            self._go_on_without("taken", error)
            return None

    def _part(self, folder: Path) -> Path:
        return folder / f"{self._name}.{secrets.token_hex(8)}.part"

    def _sweep(self, folder: Path) -> None:
        for file in folder.glob(f"{self._name}.*.part"):
            with contextlib.suppress(OSError):
                if file.lstat().st_mtime < time.time() - LEFTOVER_SECONDS:
                    file.unlink()

    def _go_on_without(self, what: str, error: Exception) -> None:
        if not isinstance(error, FileNotFoundError):
            log.debug("The file %s cannot be %s (%s); going on without.", self._name, what, type(error).__name__)


def _text_of(path: Path) -> str:
    """Return what the file holds.

    :raises OSError: it cannot be opened, or is no regular file of this user, of a size that can be.
    :raises ValueError: it is no text.
    """
    # Or the open of a pipe would wait for its writer.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | _ONE_OF_ITS_OWN), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_size > MAX_TEXT_BYTES:
            raise PermissionError("it is not a file that was written here")
        return file.read(MAX_TEXT_BYTES).decode()
