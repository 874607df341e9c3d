"""An export to any other file system of fsspec: units beside the final name, which are put together in the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.landing import OfOneProcess, pieces
from airflow_provider_orgauth.exports.resuming import CannotResumeError

_APPEARS_WHEN_CLOSED = frozenset({"abfs", "abfss", "adl", "az"})
"""Protocols of stores whose objects nobody sees before their upload is closed, and whose rename is no rename.

Azure's is a copy that is not waited for. Google's moves (and what is written to its zonal buckets is seen at once).
"""

_BLOCK = 4 * 1024 * 1024
"""Bytes that fsspec holds of a file that is open: some file systems would take 50 MiB."""


class ObjectLanding(OfOneProcess):
    """Each cut makes a file of its own in a hidden folder, ``.<name>.<key>`` beside the final name.

    They are put together under a name in that folder, which is then changed to the final one; where an object appears
    as a whole anyway, they are written straight to it. Where a name cannot be changed to one that is taken (HDFS, SMB),
    the older file goes a moment before. A half file has the final name at no time.

    :param fs: an fsspec file system.
    :param path: the final name, as ``fs`` takes it.
    :param key: tells this task's unfinished file from another's with the same final name.
    :param protocol: the scheme under which ``fs`` was asked for.
    :raises ConfigurationError: the path names no file, or holds what fsspec takes for a pattern.
    """

    cut_bytes = 8 * 1024 * 1024
    cut_lines = 32 * 1024 * 1024

    def __init__(self, fs: Any, path: str, *, key: str, protocol: str) -> None:
        if set(path) & set("*?["):
            raise ConfigurationError(
                "output_path",
                "holds *, ? or [, a pattern for this file system",
                advice="Name one file, without these characters.",
            )
        folder, slash, name = path.rpartition("/")
        if not name:
            raise ConfigurationError("output_path", "names no file", advice="End it in one such as devices.jsonl.")
        self._fs = fs
        self._path = path
        self._hidden = f"{folder}{slash}.{name}.{key}"
        self._is_direct = protocol in _APPEARS_WHEN_CLOSED
        self._units: int | None = None
        self._size = 0
        self._buffer = bytearray()
        forks.watch(self)

    def after_fork(self) -> None:
        """Know of no unit."""
        super().after_fork()
        self._units = None

    def begin(self) -> None:
        """Begin with an empty folder.

        :raises ConfigurationError: the name is a folder's.
        """
        if not self._is_direct and self._fs.isdir(self._path):  # to rename to it would be to move into it
            raise ConfigurationError("output_path", "is a folder", advice="Name a file in it, such as devices.jsonl.")
        self._clear()
        self._start(units=0, size=0)

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Go on after the saved units; what came after them goes.

        :raises CannotResumeError: they are not there, or not as they were.
        """
        units, size = int(saved["units"]), int(saved["size"])
        sizes = self._sizes()
        wanted = [self._name(number) for number in range(1, units + 1)]
        if not sizes.keys() >= set(wanted):
            raise CannotResumeError("a file of its hidden folder is gone")
        if sum(sizes[name] for name in wanted) != size:
            raise CannotResumeError("a file of its hidden folder is not as it was")
        for name in sizes.keys() - set(wanted):
            self._fs.rm_file(f"{self._hidden}/{name}")
        self._start(units=units, size=size)

    def write(self, data: bytes) -> None:
        """Append to the unit that fills."""
        self._buffer += data

    def cut(self) -> None:
        """Write the unit."""
        if self._buffer:
            number = self._count + 1
            self._fs.pipe_file(f"{self._hidden}/{self._name(number)}", bytes(self._buffer))
            self._size += len(self._buffer)
            self._units = number
            self._buffer = bytearray()

    def save(self) -> dict[str, Any]:
        """Return how many units there are, and their bytes: they are written already."""
        return {"units": self._count, "size": self._size}

    def written(self) -> Iterator[bytes]:
        """Read the units."""
        names = map(self._name, range(1, self._count + 1))
        return (self._fs.cat_file(f"{self._hidden}/{name}") for name in names)

    def complete(self, *, sha256: str | None = None) -> None:
        """Put the units and the rest together, under the final name."""
        if self._is_direct:
            self._put_together(self._path)
        else:
            whole = f"{self._hidden}/whole"
            self._put_together(whole)
            self._rename(whole)
        self.discard()

    def read(self) -> Iterator[bytes]:
        """Read the final file."""
        self._fs.invalidate_cache()
        with self._fs.open(self._path, "rb", block_size=_BLOCK) as file:
            yield from pieces(file)

    def leave(self) -> None:
        """Nothing is held that would keep another attempt from it."""

    def discard(self) -> None:
        """Remove the hidden folder."""
        self._buffer = bytearray()
        if not self._is_parents:
            self._clear()

    @property
    def _count(self) -> int:
        if self._units is None:
            raise self._not_begun()
        return self._units

    @staticmethod
    def _name(number: int) -> str:
        return f"{number:06}"

    def _start(self, *, units: int, size: int) -> None:
        self._units, self._size, self._buffer, self._is_parents = units, size, bytearray(), False
        if not self._is_direct:  # a store of objects has no folders
            self._fs.makedirs(self._hidden, exist_ok=True)

    def _sizes(self) -> dict[str, int]:
        """Return name and size of all that is in the hidden folder."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(self._hidden, detail=True)
        except FileNotFoundError:
            return {}
        files = [one for one in found if one["type"] == "file"]
        return {str(one["name"]).rpartition("/")[2]: int(one["size"]) for one in files}

    def _clear(self) -> None:
        self._fs.invalidate_cache()
        with contextlib.suppress(FileNotFoundError):
            if self._fs.exists(self._hidden):
                self._fs.rm(self._hidden, recursive=True)
        self._fs.invalidate_cache()

    def _put_together(self, path: str) -> None:
        units = self.written()
        # Never `with`: it closes the file after an exception too, and so publishes the half of it.
        file = self._fs.open(path, "wb", block_size=_BLOCK)
        try:
            for piece in units:
                file.write(piece)
            file.write(bytes(self._buffer))
        except BaseException:
            self._abandon(file)
            raise
        file.close()

    def _abandon(self, file: Any) -> None:
        if self._is_direct:
            with contextlib.suppress(Exception):  # an upload that is never closed is never seen
                file.discard()
            file.closed = True  # else fsspec closes it when it is collected
        else:
            with contextlib.suppress(Exception):
                file.close()

    def _rename(self, whole: str) -> None:
        try:
            self._fs.mv(whole, self._path)
        except (ConnectionError, PermissionError, TimeoutError):
            raise
        except OSError:
            if not self._is_in_the_way(whole):
                raise
        if self._is_in_the_way(whole):  # WebHDFS raises nothing
            self._fs.rm_file(self._path)
            self._fs.mv(whole, self._path)

    def _is_in_the_way(self, whole: str) -> bool:
        """Tell whether an older file kept the new one from its name."""
        self._fs.invalidate_cache()
        return bool(self._fs.exists(whole) and self._fs.exists(self._path))
