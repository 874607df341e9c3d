"""Write to a sink: count and hash the bytes, and decide when to cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from airflow_provider_orgauth.exceptions import FileChangedError
from airflow_provider_orgauth.exports.background_digest import BackgroundDigest
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.sink import Sink


class Writer:
    """The bytes written of one file, in one attempt or several: counted, and hashed.

    :param sink: begun or resumed before anything is written.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.size = 0
        """Bytes, with those of earlier attempts."""
        self._digest: BackgroundDigest | None = BackgroundDigest()
        self._since_cut = self._lines_since_cut = 0

    def resume(self, size: int, sha256: str | None) -> None:
        """Resume after the ``size`` bytes of earlier attempts.

        :param sha256: what :meth:`sha256` said after them.
        :raises CannotResumeError: what is there are not those bytes.
        """
        self.size = size
        self._digest = _digest_of(self._sink.written())
        found = self.sha256()()
        if None not in (found, sha256) and found != sha256:
            raise CannotResumeError("what is kept of the file is not what an earlier attempt wrote")

    def sha256(self) -> Callable[[], str | None]:
        """Return a function that waits for the SHA-256, in hex digits, of all that was written until now.

        None: earlier bytes cannot be read.
        """
        return _none if self._digest is None else self._digest.hexdigest().result

    def write(self, data: bytes, *, lines: int = 0) -> None:
        """Append ``data`` to the file.

        :param lines: the bytes of the lines that ``data`` was made of, as far as an encoding let it out.
        """
        self._sink.write(data)
        self.size += len(data)
        self._since_cut += len(data)
        self._lines_since_cut += lines
        if self._digest is not None and data:
            self._digest.update(data)

    @property
    def wants_cut(self) -> bool:
        """Whether it is time for a cut: by the bytes written, not by the clock, so that all attempts cut alike."""
        return self._since_cut >= self._sink.cut_bytes or self._lines_since_cut >= self._sink.cut_lines

    def cut(self) -> None:
        """Make a cut: all bytes until now are a unit that the next attempt can resume after."""
        self._sink.cut()
        self._since_cut = self._lines_since_cut = 0

    def complete(self) -> str | None:
        """Complete the file and return its SHA-256, in hex digits.

        None: an earlier attempt's part could not be read, and the completed file cannot be either: another file has its
        name now, which the sink reports, or there is no permission.
        """
        self._sink.complete(sha256=self.sha256()())
        if self._digest is None:  # what an earlier attempt had written could not be read before
            with suppress(FileChangedError, PermissionError):  # complete all the same
                self._digest = _digest_of(self._sink.read())
        return self.sha256()()


def _none() -> None:
    return None


def _digest_of(written: Iterator[bytes] | None) -> BackgroundDigest | None:
    if written is None:
        return None
    digest = BackgroundDigest()
    for piece in written:
        digest.update(piece)
    return digest
