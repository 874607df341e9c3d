"""An export to a folder: a hidden file beside the final name, which takes that name when it is complete."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.disk import DiskSync
from airflow_provider_orgauth.exports.landing import OfOneProcess, pieces
from airflow_provider_orgauth.exports.resuming import CannotResumeError


class LocalLanding(OfOneProcess):
    """A file on this machine, or on a file system that it mounts.

    :param path: the final name; its folder is made where it is missing.
    :param key: tells this task's unfinished file from another's with the same final name.
    :raises ConfigurationError: the path names no file.
    """

    cut_bytes = 1024 * 1024
    cut_lines = 8 * 1024 * 1024

    def __init__(self, path: str, *, key: str) -> None:
        if not Path(path).name:
            raise ConfigurationError("output_path", "names no file", advice="Write one such as /data/devices.jsonl.")
        self._path = Path(os.path.realpath(path))  # of a link, what it leads to is written: the link stays
        self._partial = self._path.with_name(f".{self._path.name}.{key}.part")
        self._file: BinaryIO | None = None
        self._cut_at = 0
        forks.watch(self)

    def after_fork(self) -> None:
        """Close the file, with its lock, and let what is still to be written be the parent's to write."""
        super().after_fork()
        if self._file is not None:
            self._file.raw.close()  # type: ignore[attr-defined]
            self._file = None

    def begin(self) -> None:
        """Begin with an empty file.

        :raises ConfigurationError: the name is a folder's.
        """
        # Now, and not when all is there and gets its name.
        if self._path.is_dir():
            raise ConfigurationError("output_path", "is a folder", advice="Name a file in it, such as devices.jsonl.")
        if self._path.exists() and not self._path.is_file():
            raise ConfigurationError("output_path", "is no regular file", advice="Name a file, such as devices.jsonl.")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # A new file: an earlier attempt that Airflow has given up, and that still writes, keeps its own.
        self._partial.unlink(missing_ok=True)
        file = self._partial.open("xb")
        _lock(file)
        self._begin(file, at=0)

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Go on after the saved size; what came after it goes. A file that another process still writes to is left.

        :raises CannotResumeError: it is gone, too short, or still written to.
        """
        size = int(saved["size"])
        try:
            file = self._partial.open("r+b")
        except FileNotFoundError:
            raise CannotResumeError("its hidden file is gone: that may be in a folder of another host") from None
        if file.seek(0, os.SEEK_END) < size:
            file.close()
            raise CannotResumeError("its hidden file is shorter than it was")
        if not _lock(file):
            file.close()
            raise CannotResumeError("an earlier attempt still runs, and writes to the hidden file")
        file.truncate(size)
        file.seek(size)
        self._begin(file, at=size)

    def write(self, data: bytes) -> None:
        """Append."""
        self._open.write(data)

    def cut(self) -> None:
        """Note how far it is, and begin to bring it to the disk."""
        self._open.flush()
        self._cut_at = self._open.tell()
        self._on_disk.grown(self._cut_at)

    def save(self) -> dict[str, Any]:
        """Return how far it is: the operating system has it since the cut, and keeps it when this process is killed.

        :raises OSError: it is not there any more, or another process has begun anew in its place. To say how far this
            one is would let a third go on with a mixture of both.
        """
        if self._is_parents:
            raise self._not_begun()
        self._insist_on_name()
        return {"size": self._cut_at}

    def written(self) -> Iterator[bytes]:
        """Read it from the beginning to the last cut."""
        with self._partial.open("rb") as file:
            yield from pieces(file, most=self._cut_at)

    def complete(self, *, sha256: str | None = None) -> None:
        """Put it on the disk and rename it: a name never leads to half a file, not after a power cut either.

        :raises OSError: it is not there any more, or another process has begun anew in its place.
        """
        self._open.flush()
        self._on_disk.finish()
        self._insist_on_name()
        with contextlib.suppress(OSError):  # there is no older file, or it is another user's
            os.fchmod(self._open.fileno(), stat.S_IMODE(self._path.stat().st_mode))
        self._close()
        self._partial.replace(self._path)
        with contextlib.suppress(OSError):  # some file systems have no folders that can be synced
            _sync_folder(self._path.parent)

    def read(self) -> Iterator[bytes]:
        """Read the final file."""
        with self._path.open("rb") as file:
            yield from pieces(file)

    def leave(self) -> None:
        """Close it, and so unlock it."""
        self._close()

    def discard(self) -> None:
        """Remove the hidden file, unless another process has begun anew in its place."""
        is_mine = self._has_its_name()
        with contextlib.suppress(OSError):  # a full disk: what is still to be written cannot be, and need not
            self._close()
        if is_mine:
            self._partial.unlink(missing_ok=True)

    @property
    def _open(self) -> BinaryIO:
        if self._file is None:
            raise self._not_begun()
        return self._file

    def _begin(self, file: BinaryIO, *, at: int) -> None:
        self._file, self._cut_at, self._is_parents = file, at, False
        self._on_disk = DiskSync(file.fileno())

    def _insist_on_name(self) -> None:
        if self._file is not None and not self._has_its_name():
            raise FileExistsError(f"Another attempt of this task has begun {self._partial.name} anew.")

    def _has_its_name(self) -> bool:
        if self._file is None:
            return False
        try:
            return os.path.samestat(self._partial.stat(), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        if self._file is not None:
            self._on_disk.close()
            self._file.close()
            self._file = None


def _lock(file: BinaryIO) -> bool:
    """Lock a file for as long as this process has it open; False: another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
