"""Export pages to a complete file: write, cut, save, count; and resume where an earlier attempt stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import IncompleteListError, TaskStoppedError, UnknownFieldError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.dedup import Deduplicator
from airflow_provider_orgauth.exports.export_counts import ExportCounts
from airflow_provider_orgauth.exports.field_watch import FieldWatch
from airflow_provider_orgauth.exports.formats import encoding_of
from airflow_provider_orgauth.exports.increments import Increments
from airflow_provider_orgauth.exports.jsonl_writer import RecordChange, lines_of
from airflow_provider_orgauth.exports.pending_lines import PendingLines
from airflow_provider_orgauth.exports.progress import Progress, Show, bytes_said, duration, standing
from airflow_provider_orgauth.exports.side_files import SideFiles
from airflow_provider_orgauth.exports.sink import Sink, overlap_of
from airflow_provider_orgauth.exports.writer import Writer
from airflow_provider_orgauth.paging import Pagination
from airflow_provider_orgauth.paging.paginator import Page, Paginator

log = logging.getLogger(__name__)


class Export:
    """One export of a list to a file.

    The bytes of the file depend on the records and the settings alone, not on where an attempt stopped: it is cut at
    the same places, and an encoding begins again at each of them.

    What is saved for a next attempt is where the export stands after a page: the walk, the counts, what sink and
    encoding need to resume after the last cut, and where the lines since then are kept (:class:`PendingLines`).

    :param path: the final name, for its suffix and for the manifest.
    :param side_files_of: makes the side files of a kind, beside the file.
    :param change: done to each record.
    :param dedup: tells which records came before.
    :param strict: fail where the list changed while it was read.
    :param when_complete: called with the manifest, as soon as the file is there, and saves it in place of the saved
        state: an attempt that is killed finds one of them. None deletes the saved state.
    :param watch: looks at the names of the records' fields.
    :param require_fields: fail where a name that was given is in no record.
    :param increments: told of the records, pages and bytes as they come.
    :param show: takes a record of where the export is, every few seconds and when it stops before its end.
    """

    def __init__(
        self,
        path: str,
        style: Pagination,
        sink: Sink,
        checkpoints: Checkpoints,
        *,
        side_files_of: Callable[[str], SideFiles],
        change: RecordChange | None = None,
        dedup: Deduplicator | None = None,
        strict: bool = False,
        when_complete: Callable[[dict[str, Any]], object] | None = None,
        watch: FieldWatch | None = None,
        require_fields: bool = True,
        increments: Increments | None = None,
        show: Show | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._style = style
        self._sink = sink
        self._checkpoints = checkpoints
        self._change = change
        self._dedup = dedup
        self._keys = None if dedup is None else side_files_of("keys")
        self._pending = PendingLines(side_files_of("tail") if checkpoints.kept else None)
        self._strict = strict
        self._when_complete = when_complete
        self._watch = watch or FieldWatch()
        self._require_fields = require_fields
        self._increments = increments or Increments()
        self._show = show
        self._timer = timer
        self._began = timer()
        self._is_consistent = True
        """False amid a page or a save, where a signal may end the export: its state must not be saved then."""
        self._saved_pages = 0
        """Pages after which the next attempt resumes."""
        self._is_parents = False
        forks.watch(self)

    def after_fork(self) -> None:
        """Leave file, side files and state to the parent: a forked child may come back into :meth:`run`."""
        self._is_parents = True

    def run(self, pages_of: Callable[[Paginator], Iterator[Page]]) -> dict[str, Any]:
        """Export all pages and return the manifest.

        :param pages_of: fetches the pages of a walk.
        """
        self._start()
        try:
            progress = Progress(log, timer=self._timer, records=self._counts.records, show=self._show)
            for page in pages_of(self._paginator):
                self._insist_on_process()
                self._take(page)
                if progress.observe(**self._standing) and not self._checkpoints.kept:
                    self._increments.tell(self._so_far)
            self._insist_on_process()
            return self._finish()
        except BaseException as stopped:
            if self._is_parents:
                raise
            self._put_in_order(stopped)
            if isinstance(stopped, TaskStoppedError):
                raise TaskStoppedError(stopped.message, advice=self._where_it_stopped()) from None
            raise

    def _insist_on_process(self) -> None:
        if self._is_parents:
            raise forks.refusal("This export")

    def _put_in_order(self, stopped: BaseException) -> None:
        if isinstance(stopped, IncompleteListError | UnknownFieldError):
            # To resume from a list that moved, or that has no such field, would only find the same again.
            self._leave_nothing()
            self._saved_pages = 0
        elif not self._counts.pages:
            self._leave_nothing()  # nothing was gained yet
        else:
            self._stop()
        log.warning("%s", self._where_it_stopped())
        if self._show is not None:
            self._show(standing("stopped", **self._standing))

    def _start(self) -> None:
        """Resume where an earlier attempt stopped, or say why not."""
        try:
            saved = self._checkpoints.load()
            if saved is not None:
                self._resume(saved)
                return
        except CannotResumeError as reason:
            log.info("Starting from the first page: %s.", reason)
        self._start_over()
        self._watch.forget()
        if self._dedup is not None:
            self._dedup.forget()
        with _whatever_else_fails():
            self._discard_notes()
        self._sink.begin()
        # At once: what is begun in a store must be found again, if only to be removed.
        self._save()

    def _start_over(self) -> None:
        self._paginator, self._counts = Paginator(self._style), ExportCounts()
        self._encoding = encoding_of(self._path)
        self._writer = Writer(self._sink)
        self._bytes_read = 0
        self._increments.restart()
        self._seconds_before = 0.0
        self._at_cut: Mapping[str, Any] = {"encoding": None, "bytes": 0}
        self._sha256_at_cut: Callable[[], str | None] = lambda: None
        self._pending.cut()

    def _resume(self, saved: Mapping[str, Any]) -> None:
        """Resume from a saved state. Where that fails, no file or lock is held."""
        if "cut" not in saved:  # of Parquet: the lines were complete
            raise CannotResumeError(
                "the hidden file with all records is not there as it was: it may be on another host"
            )
        if self._dedup is not None and self._keys is not None:
            for keys in self._keys.resume(saved["keys"]):
                self._dedup.restore(keys)
        cut = saved["cut"]
        self._sink.resume(cut["landing"])
        try:
            self._at_cut = {"encoding": cut["encoding"], "bytes": cut["bytes"]}
            self._encoding = encoding_of(self._path, saved=cut["encoding"])
            self._writer = Writer(self._sink)
            self._writer.resume(cut["bytes"], cut.get("sha256"))
            self._sha256_at_cut = lambda: cut.get("sha256")
            for lines in self._pending.resume(saved["tail"]):
                self._write(lines)
        except CannotResumeError:
            self._sink.discard()
            raise
        except BaseException:
            self._sink.leave()
            raise
        self._paginator = Paginator.resumed(self._style, saved["position"])
        self._counts = ExportCounts.from_dict(saved["tally"])
        self._watch.restore(saved["fields"])
        self._bytes_read = saved["bytes_read"]
        self._increments.restart(saved["told"])
        self._seconds_before = saved["seconds"]
        self._saved_pages = self._counts.pages
        if self._counts.pages:
            log.info("Resuming %s, where an earlier attempt stopped.", self._how_far())
        else:
            log.info("Starting from the first page: an earlier attempt stopped before a page of it was kept.")

    def _take(self, page: Page) -> None:
        self._is_consistent = False
        records = page.records if self._dedup is None else self._dedup.kept(page.records)
        lines = lines_of(records, self._change, on_one_line=page.on_one_line)
        self._write(lines)
        self._watch.observe(page.records, lines)
        self._counts.observe(page, kept=len(records))
        self._bytes_read += page.size
        if self._writer.wants_cut:
            self._writer.write(self._encoding.cut())
            self._writer.cut()
            self._at_cut = {"encoding": self._encoding.state(), "bytes": self._writer.size}
            self._sha256_at_cut = self._writer.sha256()
            self._pending.cut()
        else:
            self._pending.add(lines)
        self._is_consistent = True
        if self._checkpoints.is_due and self._pending.is_whole:
            self._save()
        else:
            self._pending.bound()
        if self._dedup is not None and not self._checkpoints.kept:
            self._dedup.mark_saved()  # nobody asks for them

    def _write(self, lines: bytes) -> None:
        self._writer.write(self._encoding.add(lines), lines=len(lines))

    def _save(self) -> None:
        """Save where the export stands: an attempt that is killed loses only what came after its last save."""
        if not self._checkpoints.kept:
            return
        self._is_consistent = is_saved = False
        sink = self._sink.save()  # what fails in there has failed the export
        with self._checkpoints.forgiving():
            state = self._state(sink)
            is_saved = self._checkpoints.save(state)
        if is_saved:
            self._saved_pages = self._counts.pages
            self._increments.tell(state["told"])
        # Last: until then, what was saved before needs it.
        with self._checkpoints.forgiving():
            self._pending.prune(saved=is_saved)
        self._is_consistent = True

    def _state(self, sink: Mapping[str, Any]) -> dict[str, Any]:
        state = {
            "position": self._paginator.to_dict(),
            "tally": self._counts.to_dict(),
            "fields": self._watch.to_dict(),
            "bytes_read": self._bytes_read,
            "told": self._so_far,  # as soon as this is saved
            "seconds": self._seconds,
            "cut": {**self._at_cut, "sha256": self._sha256_at_cut(), "landing": sink},
        }
        if self._dedup is not None and self._keys is not None:
            self._keys.add(self._dedup.unsaved())
            self._dedup.mark_saved()
            state["keys"] = self._keys.to_dict()
        return {**state, "tail": self._pending.keep()}

    def _finish(self) -> dict[str, Any]:
        self._writer.write(self._encoding.finish())
        if self._strict:
            self._counts.require_complete(self._paginator.warning)
        if self._require_fields:
            self._watch.require_known()
        sha256 = self._writer.complete()
        self._is_consistent = False  # there is nothing left to resume
        manifest = self._manifest(sha256)
        with _whatever_else_fails():
            # First: without it the side files are of no use, and the other way round they would be missed.
            if self._when_complete is None:
                self._checkpoints.clear()
            else:
                self._when_complete(manifest)
            self._discard_notes()
        self._increments.tell(self._so_far)
        return manifest

    def _stop(self) -> None:
        """Leave what the next attempt can resume, or nothing."""
        if not self._checkpoints.kept:
            self._leave_nothing()
            return
        if self._is_consistent and self._pending.is_whole:  # else it resumes from what was saved before
            with _whatever_else_fails():
                self._save()
        with _whatever_else_fails():
            self._sink.leave()

    def _leave_nothing(self) -> None:
        with _whatever_else_fails():
            self._sink.discard()
        with _whatever_else_fails():
            self._checkpoints.clear()
            self._discard_notes()

    def _discard_notes(self) -> None:
        self._pending.discard()
        if self._keys is not None:
            self._keys.discard()

    def _how_far(self) -> str:
        counts = self._counts
        if counts.pages == 0:
            return "before a page came"
        return f"after page {counts.pages:,} ({counts.records:,} records, {bytes_said(self._bytes_read)} read)"

    def _where_it_stopped(self) -> str:
        if self._saved_pages == 0:
            then = "starts from the first page"
        elif self._saved_pages == self._counts.pages:
            then = "resumes there"
        else:
            then = f"resumes after page {self._saved_pages:,}"
        return f"The export stopped {self._how_far()}. The next attempt {then}."

    @property
    def _so_far(self) -> dict[str, int]:
        return {"records": self._counts.records, "pages": self._counts.pages, "size": self._writer.size}

    @property
    def _standing(self) -> dict[str, Any]:
        counts = self._counts
        return {"pages": counts.pages, "records": counts.records, "total": counts.total, "read": self._bytes_read}

    @property
    def _seconds(self) -> float:
        return self._seconds_before + self._timer() - self._began

    def _manifest(self, sha256: str | None) -> dict[str, Any]:
        counts, seconds = self._counts, self._seconds
        for problem in counts.problems():
            log.warning("The list changed while it was read: %s.", problem)
        self._watch.report()
        log.info(
            "%s: %s records of %s, %s in %s (%s read).",
            self._path,
            f"{counts.records:,}",
            "1 page" if counts.pages == 1 else f"{counts.pages:,} pages",
            bytes_said(self._writer.size),
            duration(seconds),
            bytes_said(self._bytes_read),
        )
        return {
            "path": self._path,
            "records": counts.records,
            "pages": counts.pages,
            "bytes": self._writer.size,
            "bytes_read": self._bytes_read,
            "sha256": sha256,
            "total": counts.total,
            "total_at_start": counts.total_at_start,
            "total_changes": counts.total_changes,
            "duplicates": counts.duplicates,
            "missing": counts.missing,
            "warning": self._paginator.warning,
            "overlap": overlap_of(self._sink, self._path),
            "credential_fields": self._watch.credentials,
            "duration": round(seconds, 3),
        }


@contextmanager
def _whatever_else_fails() -> Iterator[None]:
    """Log an error in a clean-up: the task fails with what stopped the export, or not at all if that is complete."""
    try:
        yield
    except Exception as error:
        log.warning("What the export leaves behind could not be put in order (%s).", type(error).__name__)
