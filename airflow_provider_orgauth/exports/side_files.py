"""Bytes that one attempt of a task leaves to the next, in hidden files beside the export."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.hidden_name import hidden_name, remove_link


class SideFiles:
    """Numbered files, each written once. A saved state says which of them count, and a check sum of them.

    :param fs: an ``fsspec`` file system.
    :param path: the final name of the export, on it.
    :param key: tells this task's side files from another's.
    :param kind: what they hold, in a word: an export may have several kinds.
    """

    def __init__(self, fs: Any, path: str, *, key: str, kind: str) -> None:
        folder, slash, name = path.rpartition("/")
        self._fs = fs
        self._folder = f"{folder}{slash}{hidden_name(name, key)}.{kind}"
        self._kind = kind
        self._has_folder = False
        self._is_swept = False
        self._there: set[int] = set()
        self._needed = range(0)
        self._last = 0
        self._start_series()

    def add(self, data: bytes) -> None:
        """Keep ``data``, if there is any."""
        if not data:
            return
        self._is_swept = False
        try:
            self._write(self._name(self._last + 1), data)
        except FileNotFoundError:  # another attempt has begun or ended, and has tidied up
            if not self._has_folder:
                raise
            self._has_folder = False
            self._write(self._name(self._last + 1), data)
        self._there.add(self._last + 1)
        self._last += 1
        self._count(data)

    def restart(self) -> None:
        """Drop what was added so far. It stays until a state that does not need it is saved."""
        self._start_series()

    def to_dict(self) -> dict[str, int]:
        """Return which side files count, their bytes and a check sum: what :meth:`resume` takes."""
        return {"first": self._first, "last": self._last, "bytes": self._bytes, "crc32": self._crc}

    def resume(self, saved: Mapping[str, int]) -> Iterator[bytes]:
        """Yield the side files that were saved, and resume after them.

        :raises CannotResumeError: one of them is gone; or, after the last, they are not what they were. An attempt that
            was given up and still runs may have written to them, or the machine has lost power.
        """
        self._first, self._last, self._bytes, self._crc = saved["first"], saved["last"], 0, 0
        self._needed = range(self._first, self._last + 1)
        self._there = set(self._needed)
        self._is_swept = False
        for number in self._needed:
            try:
                data = self._fs.cat_file(self._name(number))
            except FileNotFoundError:
                raise CannotResumeError(f"a hidden file ({self._kind}) of the earlier attempt is gone") from None
            self._count(data)
            yield data
        if self.to_dict() != dict(saved):
            raise CannotResumeError(f"a hidden file ({self._kind}) of the earlier attempt is not as it was written")

    def prune(self, *, saved: bool) -> None:
        """Remove the files that no saved state needs.

        :param saved: a state with what counts now was saved; False: the state before may still stand.
        """
        if saved:
            self._needed = range(self._first, self._last + 1)
        for number in sorted(self._there):
            if number < self._first and number not in self._needed:
                with contextlib.suppress(FileNotFoundError):
                    self._fs.rm_file(self._name(number))
                self._there.discard(number)

    def discard(self) -> None:
        """Remove all of them, those of earlier attempts too: their number may not have been saved."""
        if self._is_swept:
            return
        # One more than is known of: this attempt may have been stopped before it could say so.
        remove_link(self._fs, self._folder)
        numbers = {*self._there, self._last + 1} if self._there else set()
        names = {self._name(number) for number in numbers}
        with contextlib.suppress(OSError, NotImplementedError):  # there is no folder, or it may not be listed
            names.update(self._fs.ls(self._folder, detail=False, refresh=True))
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(name)
        with contextlib.suppress(OSError, NotImplementedError):  # an object store has no folders
            self._fs.rmdir(self._folder)
        self._has_folder, self._is_swept = False, True
        self._there, self._needed, self._last = set(), range(0), 0
        self._start_series()

    def _write(self, name: str, data: bytes) -> None:
        if not self._has_folder:
            remove_link(self._fs, self._folder)
            self._fs.makedirs(self._folder, exist_ok=True)
            self._has_folder = True
        remove_link(self._fs, name)
        self._fs.pipe_file(name, data)

    def _start_series(self) -> None:
        self._first, self._bytes, self._crc = self._last + 1, 0, 0

    def _count(self, data: bytes) -> None:
        self._bytes += len(data)
        self._crc = zlib.crc32(data, self._crc)

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:06}"
