"""Bytes that one try of a task leaves to the next, in hidden files beside the export."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import Any


class Notes:
    """Numbered files, written once each. How many there are is remembered elsewhere.

    :param fs: an ``fsspec`` file system.
    :param path: the final name of the export, on it.
    :param key: tells this task's notes from another's.
    """

    def __init__(self, fs: Any, path: str, *, key: str) -> None:
        self._fs = fs
        self._folder = f"{dirname(path)}/.{basename(path)}.{key}.notes"
        self.count = 0

    def add(self, data: bytes) -> None:
        """Keep ``data``, if there is any."""
        if data:
            self._fs.makedirs(self._folder, exist_ok=True)
            self._fs.pipe_file(self._name(self.count + 1), data)
            self.count += 1

    def resume(self, count: int) -> Iterator[bytes]:
        """Yield the first ``count`` notes, and go on after them.

        :raises FileNotFoundError: one of them is gone.
        """
        self.count = count
        for number in range(1, count + 1):
            yield self._fs.cat_file(self._name(number))

    def discard(self) -> None:
        """Leave none behind, whatever earlier tries wrote: nobody may have been told how many these were."""
        # Their number is known but for one, that of a try which was killed before it could say so; or not at all.
        names = {self._name(number) for number in range(1, self.count + 2)}
        with contextlib.suppress(OSError, NotImplementedError):  # there is no folder, or it may not be listed
            names.update(self._fs.ls(self._folder, detail=False, refresh=True))
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(name)
        with contextlib.suppress(OSError, NotImplementedError):  # an object store has no folders
            self._fs.rmdir(self._folder)
        self.count = 0

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:06}"
