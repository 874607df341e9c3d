"""The lines since the last cut, kept so that the next attempt resumes after them and does not fetch them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airflow_provider_orgauth.exports.side_files import SideFiles

MAX_PENDING_BYTES = 4 * 1024 * 1024
"""Bytes of lines that wait in memory to be kept. Where more come between two saves, the next cut is near: until then,
the tail is given up, rather than that a fast export writes all its lines twice."""


class PendingLines:
    """Lines of whole pages since the last cut, kept in side files each time a state is saved.

    At a cut they are in the file for good, and the tail begins again. The bytes of the file depend on where the cuts
    are and not on where an attempt stopped: a resumed export gives these lines to the encoding once more.

    :param side_files: where they are kept; None: nowhere.
    """

    def __init__(self, side_files: SideFiles | None) -> None:
        self._side_files = side_files
        self._is_off = side_files is None
        self._waiting: list[bytes] = []
        self._size = 0
        self.is_whole = True
        """Whether a state that is saved now would lack nothing. Always so right after a cut."""

    def add(self, lines: bytes) -> None:
        """Take the lines of a page; they are not copied."""
        if self._is_off:
            self.give_up()
        elif self.is_whole:
            self._waiting.append(lines)
            self._size += len(lines)

    def bound(self) -> None:
        """Give up where more wait than memory is the place for."""
        if self._size > MAX_PENDING_BYTES:
            self.give_up()

    def give_up(self) -> None:
        """Take no more lines before the next cut."""
        self._waiting, self._size, self.is_whole = [], 0, False

    def cut(self) -> None:
        """Forget the lines: they are in the file."""
        self._waiting, self._size, self.is_whole = [], 0, True
        if self._side_files is not None:
            self._side_files.restart()

    def keep(self) -> dict[str, int] | None:
        """Write what waits, and return what :meth:`resume` wants."""
        if self._side_files is None:
            return None
        self._side_files.add(b"".join(self._waiting))
        self._waiting, self._size = [], 0
        return self._side_files.to_dict()

    def resume(self, saved: Mapping[str, int] | None) -> Iterator[bytes]:
        """Yield the lines that were kept, and resume after them.

        :raises CannotResumeError: they are not what they were.
        """
        if self._side_files is not None and saved is not None:
            yield from self._side_files.resume(saved)

    def prune(self, *, saved: bool) -> None:
        """Remove what no state needs any more. Where that is not allowed, no more is kept: it would pile up.

        :param saved: as :meth:`SideFiles.prune` takes it.
        """
        if self._side_files is None:
            return
        try:
            self._side_files.prune(saved=saved)
        except Exception:
            self._is_off = True
            raise

    def discard(self) -> None:
        """Leave nothing behind, whatever earlier attempts wrote."""
        if self._side_files is not None:
            self._side_files.discard()
