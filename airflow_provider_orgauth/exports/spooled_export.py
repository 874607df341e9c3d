"""An export by a conversion, such as to Parquet: a hidden spool of JSON Lines first, and the file from all of them."""

from __future__ import annotations

import hashlib
import io
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, cast

from airflow_provider_orgauth.exceptions import FileChangedError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.conversion import Conversion
from airflow_provider_orgauth.exports.export import Export
from airflow_provider_orgauth.exports.progress import bytes_said, duration
from airflow_provider_orgauth.exports.sink import Sink, overlap_of
from airflow_provider_orgauth.exports.writer import Writer
from airflow_provider_orgauth.paging.paginator import Page, Paginator

log = logging.getLogger(__name__)


class SpooledExport:
    """Exports to a spool and converts it. An attempt that follows on a complete spool does the second part only.

    :param path: the final name.
    :param conversion: makes the file of the spool's lines.
    :param spool_export: exports to ``spool``, and has :func:`spooled` saved when that is complete.
    :param remove: removes the complete spool.
    """

    def __init__(
        self,
        path: str,
        sink: Sink,
        checkpoints: Checkpoints,
        *,
        conversion: Conversion,
        spool: Sink,
        spool_export: Export,
        remove: Callable[[], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._sink = sink
        self._checkpoints = checkpoints
        self._convert = conversion
        self._spool = spool
        self._spool_export = spool_export
        self._remove = remove
        self._timer = timer

    def run(self, pages_of: Callable[[Paginator], Iterator[Page]]) -> dict[str, Any]:
        """Export all pages and return the manifest, as :meth:`Export.run`."""
        manifest = self._spooled() or self._spool_export.run(pages_of)
        began = self._timer()
        try:
            try:
                size, sha256 = self._write_converted(manifest)
            except _SpoolLostError as lost:
                # Another attempt that still ran has replaced it, or was done and has removed it.
                log.warning("Starting from the first page: %s.", lost)
                self._checkpoints.clear()
                manifest = self._spool_export.run(pages_of)
                size, sha256 = self._write_converted(manifest)
        except BaseException as stopped:
            if isinstance(stopped, _SpoolLostError):
                self._checkpoints.clear()  # the next attempt would only find the same
            if not self._checkpoints.kept:
                self._remove()
            raise
        self._remove()
        self._checkpoints.clear()
        seconds = manifest["duration"] + self._timer() - began
        log.info("%s: %s in %s.", self._path, bytes_said(size), duration(seconds))
        return {
            **manifest,
            "path": self._path,
            "bytes": size,
            "sha256": sha256,
            "overlap": overlap_of(self._sink, self._path),
            "duration": round(seconds, 3),
        }

    def _spooled(self) -> dict[str, Any] | None:
        """Return the manifest of the spool that an earlier attempt completed; None: there is none, or it changed."""
        try:
            manifest = (self._checkpoints.load() or {}).get("spooled")
        except CannotResumeError:  # the export to the spool meets the same, and logs it
            return None
        if manifest is None:
            return None
        try:
            for _ in self._lines(manifest):
                pass
        except _SpoolLostError:
            return None
        log.info(
            "Resuming with the conversion: an earlier attempt has read all %s pages (%s records).",
            f"{manifest['pages']:,}",
            f"{manifest['records']:,}",
        )
        return dict(manifest)

    def _lines(self, manifest: Mapping[str, Any]) -> Iterator[bytes]:
        """Read the spool, whose name another attempt of the task may have given to its own.

        :raises _SpoolLostError: at the end: it was not the one of this manifest.
        """
        digest = hashlib.sha256()
        try:
            for piece in self._spool.read():
                digest.update(piece)
                yield piece
        except (FileNotFoundError, FileChangedError):
            raise _SpoolLostError("the hidden file with all records is gone, or another's") from None
        if digest.hexdigest() != manifest["sha256"]:
            raise _SpoolLostError("the hidden file with all records is not as it was written")

    def _write_converted(self, manifest: Mapping[str, Any]) -> tuple[int, str | None]:
        """Return the bytes of the file and their SHA-256."""
        self._sink.begin()
        try:
            writer = Writer(self._sink)
            converted = self._convert(lambda: self._lines(manifest), cast("IO[bytes]", _SinkFile(writer)))
            sha256 = writer.complete()
        except BaseException:
            self._sink.discard()
            raise
        for column, kinds in converted.texts.items():
            log.warning("Column %s is text, as it holds %s.", column, kinds)
        return writer.size, sha256


class _SpoolLostError(FileChangedError):
    """The spool is gone, or it is another attempt's."""


def spooled(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be saved when the spool is complete."""
    return {"spooled": manifest}


class _SinkFile(io.RawIOBase):
    """The file object that a conversion writes to: it passes the bytes to a writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._writer.size

    def write(self, data: Any) -> int:
        """Append, and cut where it is time to."""
        piece = bytes(data)
        self._writer.write(piece)
        if self._writer.wants_cut:
            self._writer.cut()
        return len(piece)
