"""From pages to a complete file: write, cut, save, count; and go on where an earlier try stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow_provider_orgauth.exceptions import IncompleteListError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.encodings import encoding_of
from airflow_provider_orgauth.exports.landing import Landing
from airflow_provider_orgauth.exports.lines import Change, lines_of
from airflow_provider_orgauth.exports.notes import Notes
from airflow_provider_orgauth.exports.progress import Progress, bytes_said, duration
from airflow_provider_orgauth.exports.tally import Tally
from airflow_provider_orgauth.exports.unique import Unique
from airflow_provider_orgauth.exports.writer import Writer
from airflow_provider_orgauth.paging import Pagination
from airflow_provider_orgauth.paging.walk import Page, Walk

log = logging.getLogger(__name__)


class Export:
    """One export of a list to a file.

    The bytes of the file depend on the records and the settings alone, not on where a try stopped: it is cut at the
    same places, and an encoding begins anew at each of them.

    :param path: the final name, for its suffix and for the manifest.
    :param change: done to each record.
    :param unique: tells which records came before; with the notes in which the next try finds what it knows.
    :param strict: fail where the list changed while it was read.
    """

    def __init__(
        self,
        path: str,
        style: Pagination,
        landing: Landing,
        checkpoints: Checkpoints,
        *,
        change: Change | None = None,
        unique: tuple[Unique, Notes] | None = None,
        strict: bool = False,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._style = style
        self._landing = landing
        self._checkpoints = checkpoints
        self._change = change
        self._unique = unique and unique[0]
        self._notes = unique and unique[1]
        self._strict = strict
        self._timer = timer
        self._began = timer()
        self._seconds_before = 0.0
        self._writer = Writer(landing)
        self._sha256 = ""
        self._at_cut: dict[str, Any] | None = None

    def run(self, pages_of: Callable[[Walk], Iterator[Page]]) -> dict[str, Any]:
        """Export all pages and return the manifest.

        :param pages_of: fetches the pages of a walk.
        """
        self._start()
        try:
            progress = Progress(log, timer=self._timer, records=self._tally.records)
            for page in pages_of(self._walk):
                self._take(page)
                tally = self._tally
                progress.came(pages=tally.pages, records=tally.records, total=tally.total, size=self._writer.size)
            self._finish()
        except IncompleteListError:
            # To go on from a list that moved would only find the same again.
            self._leave_nothing()
            raise
        except BaseException:
            self._stop()
            raise
        return self._manifest()

    def _start(self) -> None:
        saved = self._checkpoints.load() or {}
        if "landing" not in saved or not self._knows(saved) or not self._landing.resume(saved["landing"]):
            self._walk, self._tally = Walk(self._style), Tally()
            self._encoding = encoding_of(self._path)
            if self._unique is not None and self._notes is not None:
                self._unique.forget()
                self._notes.discard()
            self._landing.begin()
            # At once: what is begun in a store must be found again, be it only to be removed.
            self._at_cut = self._state(encoding=None)
            self._checkpoints.save(self._saved())
            return
        self._walk = Walk.resumed(self._style, saved["walk"])
        self._tally = Tally.from_dict(saved["tally"])
        self._encoding = encoding_of(self._path, saved=saved["encoding"])
        self._writer.resume(saved["bytes"])
        self._seconds_before = saved["seconds"]
        self._at_cut = dict(saved)
        if self._tally.pages:
            log.info(
                "Going on after page %s (%s records, %s), where an earlier try stopped.",
                f"{self._tally.pages:,}",
                f"{self._tally.records:,}",
                bytes_said(self._writer.size),
            )

    def _knows(self, saved: Mapping[str, Any]) -> bool:
        """Learn which records came in earlier tries; tell whether that could be found."""
        if self._unique is None or self._notes is None:
            return True
        try:
            for note in self._notes.resume(saved["notes"]):
                self._unique.restore(note)
        except FileNotFoundError:
            return False
        return True

    def _take(self, page: Page) -> None:
        records = page.records if self._unique is None else self._unique.kept(page.records)
        lines = lines_of(records, self._change, on_one_line=page.on_one_line)
        self._writer.write(self._encoding.add(lines), lines=len(lines))
        self._tally.came(page, kept=len(records))
        if self._writer.wants_cut:
            self._writer.write(self._encoding.cut())
            # A signal may stop this anywhere, and between two lines the landing is further than what is known of it.
            self._at_cut = None
            self._writer.cut()
            if self._unique is not None:
                self._unique.cut()
            if self._checkpoints.kept:
                self._at_cut = self._state(encoding=self._encoding.state())
                self._checkpoints.perhaps_save(self._saved)
            elif self._unique is not None:
                self._unique.noted()  # nobody asks for them

    def _state(self, *, encoding: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return where the export stands, but for the landing, right after a cut."""
        return {
            "walk": self._walk.to_dict(),
            "tally": self._tally.to_dict(),
            "encoding": encoding,
            "bytes": self._writer.size,
            "seconds": self._seconds,
        }

    def _saved(self) -> Mapping[str, Any]:
        state = {**(self._at_cut or {}), "landing": self._landing.save()}
        if self._unique is not None and self._notes is not None:
            self._notes.add(self._unique.fresh())
            self._unique.noted()
            state["notes"] = self._notes.count
        return state

    def _finish(self) -> None:
        self._writer.write(self._encoding.finish())
        if self._strict:
            self._tally.insist(self._walk.doubt)
        self._sha256 = self._writer.complete()
        with _whatever_else_fails():
            self._forget()

    def _stop(self) -> None:
        """Leave what the next try can go on with, or nothing."""
        log.info(
            "The export stopped after page %s (%s records, %s).",
            f"{self._tally.pages:,}",
            f"{self._tally.records:,}",
            bytes_said(self._writer.size),
        )
        if not self._checkpoints.kept:
            self._leave_nothing()
            return
        if self._at_cut is not None:  # else it goes on from what was saved before
            with _whatever_else_fails():
                self._checkpoints.save(self._saved())
        with _whatever_else_fails():
            self._landing.leave()

    def _leave_nothing(self) -> None:
        with _whatever_else_fails():
            self._landing.discard()
        with _whatever_else_fails():
            self._forget()

    def _forget(self) -> None:
        # First: without it the notes are of no use, and the other way round they would be missed.
        self._checkpoints.clear()
        if self._notes is not None:
            self._notes.discard()

    @property
    def _seconds(self) -> float:
        return self._seconds_before + self._timer() - self._began

    def _manifest(self) -> dict[str, Any]:
        tally, seconds = self._tally, self._seconds
        for problem in tally.problems():
            log.warning("The list changed while it was read: %s.", problem)
        log.info(
            "%s: %s records of %s, %s in %s.",
            self._path,
            f"{tally.records:,}",
            "1 page" if tally.pages == 1 else f"{tally.pages:,} pages",
            bytes_said(self._writer.size),
            duration(seconds),
        )
        return {
            "path": self._path,
            "records": tally.records,
            "pages": tally.pages,
            "bytes": self._writer.size,
            "sha256": self._sha256,
            "total": tally.total,
            "total_at_start": tally.total_at_start,
            "total_changes": tally.total_changes,
            "duplicates": tally.duplicates,
            "missing": tally.missing,
            "doubt": self._walk.doubt,
            "duration": round(seconds, 3),
        }


@contextmanager
def _whatever_else_fails() -> Iterator[None]:
    """Clean up: the task fails with what stopped the export, or not at all where the file is complete."""
    try:
        yield
    except Exception as error:
        log.warning("What the export leaves behind could not be put in order (%s).", type(error).__name__)
