"""Where the bytes of an export go until they are complete, and how they then get their name."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from airflow_provider_orgauth import forks

log = logging.getLogger(__name__)


class OfOneProcess:
    """What a sink has of the process that began it: in a forked child nothing is begun, written or left behind.

    The parent's file, upload or folder is not the child's to finish, nor to clear away.
    """

    _is_parents = False

    overlap: str | None = None
    """As :attr:`Sink.overlap` has it."""

    def after_fork(self) -> None:
        """Leave it to the parent."""
        self._is_parents = True

    def _not_begun(self) -> Exception:
        return forks.refusal("This export") if self._is_parents else RuntimeError("neither begun nor resumed")


class Sink(Protocol):
    """A file that comes into being: under another name, or none, until :meth:`complete`.

    Bytes are written in order. After a :meth:`cut` it can be saved, and another process can resume from there.
    """

    @property
    def cut_bytes(self) -> int:
        """Bytes to write before the next cut. Where the cuts are decides the bytes of the file.

        It may grow from cut to cut.
        """

    @property
    def cut_lines(self) -> float:
        """Cut as well when so many bytes of lines came since the last cut, however few an encoding made of them."""

    def begin(self) -> None:
        """Begin with an empty file; what an earlier attempt of the same task left behind goes."""

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Resume after the cut that was saved.

        :raises CannotResumeError: what had been written is not there any more, or must not be resumed. Nothing is
            held then; :meth:`begin` can be called.
        """

    def write(self, data: bytes) -> None:
        """Append ``data`` to the file."""

    def cut(self) -> None:
        """Close what was written so far as a unit that will not change any more."""

    def save(self) -> dict[str, Any]:
        """Make all bytes up to the last cut durable; return what :meth:`resume` takes, as JSON."""

    def written(self) -> Iterator[bytes] | None:
        """Yield all up to the last cut once more, or return None where it cannot be read before it is complete."""

    def complete(self, *, sha256: str | None = None) -> None:
        """Give the file its name, with all its bytes, at once. It replaces an older file of that name.

        :param sha256: of all that was written, in hex digits: where the bytes can be read before they have their name,
            they are compared with it. None: it is not known.
        :raises FileChangedError: they are not what was written. The name then has what it had.
        """

    @property
    def overlap(self) -> str | None:
        """What is known, once it is complete, of another file that got the same name while this one was made."""

    def read(self) -> Iterator[bytes]:
        """Yield the completed file."""

    def leave(self) -> None:
        """Release it as it is, for another attempt to resume."""

    def discard(self) -> None:
        """Remove all that was written."""


def overlap_of(sink: Sink, path: str) -> str | None:
    """Return what is known of another file that got the same name meanwhile, and warn of it."""
    if sink.overlap:
        log.warning("%s: %s.", path, sink.overlap)
    return sink.overlap


def file_pieces(file: Any, *, most: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of an open file, or its first ``most``, in pieces of a megabyte."""
    left = most
    while left != 0 and (piece := file.read(_PIECE_BYTES if left is None else min(_PIECE_BYTES, left))):
        left = None if left is None else left - len(piece)
        yield piece


_PIECE_BYTES = 1024 * 1024
