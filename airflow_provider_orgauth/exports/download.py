"""Write the bytes of one answer to a file that appears when it is complete."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.file_signatures import FIRST_BYTES, check_content_type, check_first_bytes
from airflow_provider_orgauth.exports.progress import INTERVAL_SECONDS, bytes_said, duration
from airflow_provider_orgauth.exports.sink import Sink, overlap_of
from airflow_provider_orgauth.exports.writer import Writer

log = logging.getLogger(__name__)

UNMARKED_END = "the answer does not say where it ends: that it was whole cannot be told"


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """What an answer says about the bytes that follow.

    :param status: of the answer.
    :param length: how many bytes there will be; None: it does not say, or they are compressed on their way.
    :param end_is_marked: whether an answer that broke off can be told from one that ended.
    """

    status: int
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    length: int | None = None
    end_is_marked: bool = True


TakeBytes = Callable[[AnswerHead, Iterator[bytes]], None]
"""Takes the bytes of an answer; called again, from the beginning, where they broke off and were asked for again."""


class Download:
    """One answer's bytes, on their way to a file.

    :param path: the final name, for the manifest.
    :param checkpoints: what an earlier attempt may have left behind is found there, and removed: none resumes it.
    """

    def __init__(
        self, path: str, sink: Sink, checkpoints: Checkpoints, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._sink = sink
        self._checkpoints = checkpoints
        self._timer = timer
        self._began = timer()
        self._writer: Writer | None = None
        self._is_fresh = False
        self._head: AnswerHead | None = None

    def run(self, fetch: Callable[[TakeBytes], None]) -> dict[str, Any]:
        """Fetch the bytes, write them and return the manifest.

        :param fetch: calls its argument with each answer that may be the file; the last one read to its end is.
        """
        try:
            self._remove_what_was_left()
            self._begin()  # before anything is sent: a name that cannot be, is none for a request that changes things
            fetch(self._take)
            manifest = self._complete()
        except BaseException:
            with suppress(Exception):  # the task fails with what stopped the download
                self._sink.discard()
            self._checkpoints.clear()
            raise
        self._checkpoints.clear()
        return manifest

    def _remove_what_was_left(self) -> None:
        # Where it cannot be resumed, there is nothing, or beginning again removes it.
        with suppress(CannotResumeError):
            left = (self._checkpoints.load() or {}).get("landing")
            if left is not None:
                self._sink.resume(left)
                self._sink.discard()

    def _begin(self) -> None:
        self._sink.begin()
        self._writer, self._is_fresh = Writer(self._sink), True
        # At once: what is begun in a store must be found again, if only to be removed.
        self._checkpoints.save({"landing": self._sink.save()})

    def _take(self, head: AnswerHead, pieces: Iterator[bytes]) -> None:
        check_content_type(self._path, head.content_type)
        if not self._is_fresh:
            self._sink.discard()
            self._begin()
        self._is_fresh = False
        self._head = None
        writer = self._writer
        if writer is None:
            raise RuntimeError("not begun")
        first = bytearray()
        progress = _Progress(head.length, timer=self._timer)
        for piece in pieces:
            if len(first) < FIRST_BYTES:
                first += piece[: FIRST_BYTES - len(first)]
            writer.write(piece)
            if writer.wants_cut:
                writer.cut()
            progress.observe(writer.size)
        if not writer.size and not head.end_is_marked:
            raise ResponseError("The answer has no bytes, and may have broken off.", status=head.status)
        check_first_bytes(self._path, bytes(first))
        self._head = head

    def _complete(self) -> dict[str, Any]:
        writer, head = self._writer, self._head
        if writer is None or head is None:
            raise RuntimeError("no answer was taken")
        sha256 = writer.complete()
        seconds = self._timer() - self._began
        warning = None if head.end_is_marked else UNMARKED_END
        if warning:
            log.warning("%s: %s.", self._path, warning)
        if not writer.size:
            log.warning("%s: the answer has no bytes, and so has the file.", self._path)
        log.info("%s: %s in %s.", self._path, bytes_said(writer.size), duration(seconds))
        return {
            "path": self._path,
            "bytes": writer.size,
            "sha256": sha256,
            "status": head.status,
            "content_type": head.content_type,
            "etag": head.etag,
            "last_modified": head.last_modified,
            "warning": warning,
            "overlap": overlap_of(self._sink, self._path),
            "duration": round(seconds, 3),
        }


class _Progress:
    """Logs how far a download is, a line every few seconds.

    :param length: bytes that there will be, or None.
    """

    def __init__(self, length: int | None, *, timer: Callable[[], float]) -> None:
        self._length = length
        self._timer = timer
        self._began = self._said = timer()

    def observe(self, size: int) -> None:
        now = self._timer()
        if now - self._said < INTERVAL_SECONDS:
            return
        self._said = now
        rate = size / (now - self._began)
        of_length = left = ""
        if self._length and self._length >= size:
            of_length = f" of {bytes_said(self._length)} ({100 * size / self._length:.0f} %)"
            left = f", about {duration((self._length - size) / rate)} left"
        log.info("%s%s, %s per second%s.", bytes_said(size), of_length, bytes_said(round(rate)), left)
