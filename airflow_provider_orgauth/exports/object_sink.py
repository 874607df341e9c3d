"""An export to any other file system of fsspec: units beside the final name, which are put together in the end."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError, FileChangedError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.hidden_name import hidden_name
from airflow_provider_orgauth.exports.hidden_objects import HiddenObjects, runs_of, units_of
from airflow_provider_orgauth.exports.sink import OfOneProcess, file_pieces

_APPEARS_WHEN_CLOSED = frozenset({"abfs", "abfss", "adl", "az"})
"""Protocols of stores whose objects are visible only once their upload is closed, and whose rename is no rename.

Azure's is a copy that is not waited for. Google's moves (and what is written to its zonal buckets is seen at once).
"""

_BLOCK_BYTES = 4 * 1024 * 1024
"""Bytes that fsspec holds of a file that is open: some file systems would take 50 MiB."""


class ObjectSink(OfOneProcess):
    """Each cut makes a file of its own, a unit, in a hidden folder, ``.<name>.<key>`` beside the final name.

    They are put together under a name in that folder, which is then changed to the final one; where an object appears
    as a whole anyway, they are written straight to it. Where a name cannot be changed to one that is taken (HDFS, SMB),
    the older file goes a moment before. A half file has the final name at no time.

    No two attempts write to one name: a unit's name begins with the attempt's own, and an attempt that resumes an
    earlier one's units only reads them.

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
        self._hidden = HiddenObjects(fs, f"{folder}{slash}{hidden_name(name, key)}")
        self._is_direct = protocol in _APPEARS_WHEN_CLOSED
        self._units: list[str] | None = None
        self._size = 0
        self._buffer = bytearray()
        self._stood: str | None = None
        forks.watch(self)

    def after_fork(self) -> None:
        """Forget the units: they are the parent's."""
        super().after_fork()
        self._units = None

    def begin(self) -> None:
        """Begin without any unit; those of attempts that are dead go.

        :raises ConfigurationError: the name is a folder's.
        """
        if not self._is_direct and self._fs.isdir(self._path):  # to rename to it would be to move into it
            raise ConfigurationError("output_path", "is a folder", advice="Name a file in it, such as devices.jsonl.")
        self._hidden.remove_the_dead()
        self._start([], size=0)

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Resume after the saved units, and sign them.

        :raises CannotResumeError: they are not there, or not as they were.
        """
        wanted, size = units_of(saved["units"]), int(saved["size"])
        sizes = self._hidden.sizes()
        if not sizes.keys() >= set(wanted):
            raise CannotResumeError("a file of its hidden folder is gone")
        if sum(sizes[name] for name in wanted) != size:
            raise CannotResumeError("a file of its hidden folder is not as it was")
        self._start(wanted, size=size)
        self._hidden.take_over(wanted)

    def write(self, data: bytes) -> None:
        """Append ``data`` to the current unit."""
        self._buffer += data

    def cut(self) -> None:
        """Write the current unit to the store."""
        if self._buffer:
            units = self._begun
            name = self._hidden.name(len(units) + 1)
            self._make_folder()
            self._fs.pipe_file(self._hidden.path(name), bytes(self._buffer))
            self._size += len(self._buffer)
            units.append(name)
            self._buffer = bytearray()

    def save(self) -> dict[str, Any]:
        """Return whose units there are, how many, and their bytes: they are written already.

        :raises FileChangedError: another attempt resumes them.
        """
        self._insist_on_units()
        return {"units": runs_of(self._begun), "size": self._size}

    def written(self) -> Iterator[bytes]:
        """Read the units."""
        return (self._fs.cat_file(self._hidden.path(name)) for name in self._begun)

    def complete(self, *, sha256: str | None = None) -> None:
        """Put the units and the rest together, under the final name.

        :raises FileChangedError: a unit is gone, or they are not what was written. The name has what it had.
        """
        self._insist_on_units()
        before = self._standing()
        if self._is_direct:
            self._put_together(self._path, sha256)
        else:
            whole = self._hidden.path(self._hidden.whole)
            self._make_folder()
            self._put_together(whole, sha256)
            self._rename(whole)
        self._verify(before)
        self.discard()

    def read(self) -> Iterator[bytes]:
        """Read the final file."""
        self._fs.invalidate_cache()
        with self._fs.open(self._path, "rb", block_size=_BLOCK_BYTES) as file:
            yield from file_pieces(file)

    def leave(self) -> None:
        """Release nothing: no lock keeps another attempt away."""

    def discard(self) -> None:
        """Remove what this attempt and those that it went on with have left, unless another one resumes it."""
        self._buffer = bytearray()
        units, self._units = self._units, None
        if units is not None and not self._hidden.is_taken():
            self._hidden.remove(units)
            self._hidden.remove_the_dead()

    @property
    def _begun(self) -> list[str]:
        if self._units is None:
            raise self._not_begun()
        return self._units

    def _insist_on_units(self) -> None:
        if self._begun and self._hidden.is_taken():
            raise self._changed("are gone on with by another attempt of this task")

    def _start(self, units: list[str], *, size: int) -> None:
        self._units, self._size, self._buffer, self._is_parents = units, size, bytearray(), False
        self.overlap, self._stood = None, self._standing()
        self._hidden.begin()

    def _make_folder(self) -> None:
        # Each time: an attempt that has come to its end removes it.
        if not self._is_direct:  # a store of objects has no folders
            self._fs.makedirs(self._hidden.folder, exist_ok=True)

    def _standing(self) -> str | None:
        """Return what tells the file that has the final name now from any other; None: there is none, or none tells."""
        self._fs.invalidate_cache()
        try:
            return str(self._fs.ukey(self._path))
        except (OSError, NotImplementedError):
            return None

    def _verify(self, before: str | None) -> None:
        """Check the file that has the name now, and note what is known of others."""
        self._fs.invalidate_cache()
        try:
            size = self._fs.info(self._path)["size"]
        except PermissionError:
            size = None
        except FileNotFoundError:
            size = -1
        if size not in (None, self._size + len(self._buffer)):
            self.overlap = "another file got this name right after this one, or it was removed"
        elif before not in (None, self._stood):
            self.overlap = "another file got this name while this one was made, and is replaced by it"

    def _put_together(self, path: str, sha256: str | None) -> None:
        units, digest, size = self.written(), hashlib.sha256(), 0
        # Never `with`: it closes the file after an exception too, and so publishes the half of it.
        file = self._fs.open(path, "wb", block_size=_BLOCK_BYTES)
        try:
            for piece in self._all_of(units):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            self._insist_on_content(sha256 in (None, digest.hexdigest()) and size == self._size + len(self._buffer))
        except BaseException:
            self._abandon(file)
            raise
        file.close()
        if not self._is_direct:
            self._fs.invalidate_cache()
            found = self._fs.info(path)["size"]
            if found is not None and found != size:
                raise self._changed(f"made a file of {found:,} bytes, and {size:,} were written")

    def _all_of(self, units: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from units
        except FileNotFoundError:
            raise self._changed(
                "are gone: another attempt has gone on with them, or something tidies up there"
            ) from None
        yield bytes(self._buffer)

    def _insist_on_content(self, is_what_was_written: bool) -> None:
        if not is_what_was_written:
            raise self._changed("do not hold what was written to them")

    def _changed(self, problem: str) -> FileChangedError:
        return FileChangedError(
            f"The hidden files in {self._hidden.folder} {problem}.",
            advice="The name has what it had before. If no other attempt has completed it, a next one can.",
        )

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
        """Return whether an older file kept the new one from its name."""
        self._fs.invalidate_cache()
        return bool(self._fs.exists(whole) and self._fs.exists(self._path))
