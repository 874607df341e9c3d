"""Exports of a list in memory to a folder, with attempts that stop."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import fsspec

from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.dedup import Deduplicator
from airflow_provider_orgauth.exports.export import Export
from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.side_files import SideFiles
from airflow_provider_orgauth.paging import CallablePagination, PageAnswer


class Stop(Exception):
    """What stops an attempt."""


class DictStore:
    """A task state store: what it keeps is JSON, as in a database."""

    def __init__(self):
        self.saved = None
        self.history = []

    def load(self):
        return self.saved and json.loads(self.saved)

    def save(self, state):
        self.saved = json.dumps(state)
        self.history.append(self.saved)

    def clear(self):
        self.saved = None


class ListOfPages:
    """The bodies of a list's pages, and the exports of it.

    :param path: the file.
    :param store: where an attempt leaves its state; None: nowhere.
    """

    def __init__(
        self, path: Path, bodies: list[str], store=None, *, cut_bytes=1, unique_by=None, purpose="p", **arguments
    ):
        self.path = path
        self.bodies = bodies
        self.store = store
        self.cut_bytes = cut_bytes
        self.unique_by = unique_by
        self.purpose = purpose
        self.notes_fs = fsspec.filesystem("file")
        self.arguments = arguments
        self.attempt = 0
        self.fetched: list[int] = []
        """The pages that were fetched, by number, in all attempts."""

    def export(
        self,
        *,
        stop_before: int | None = None,
        error: type[BaseException] = Stop,
        timer=None,
        clock=lambda: 0.0,
        sink=None,
        **arguments,
    ):
        """Run one attempt; it fails before the page of that number, from 0, or at the end with that many."""
        self.attempt += 1
        sink = sink or LocalSink(str(self.path), key="k")
        sink.cut_bytes = self.cut_bytes
        # Each look at the time takes long enough for a save to be due.
        seconds = iter(range(0, 10**9, 100)).__next__ if timer is None else timer
        export = Export(
            str(self.path),
            CallablePagination(self._next),
            sink,
            Checkpoints(self.store, purpose={"fields": self.purpose}, attempt=self.attempt, timer=seconds),
            side_files_of=lambda kind: SideFiles(self.notes_fs, str(self.path), key="k", kind=kind),
            dedup=Deduplicator(self.unique_by) if self.unique_by else None,
            timer=clock,
            **self.arguments,
            **arguments,
        )
        return export.run(lambda walk: self._pages(walk, stop_before, error))

    def left_behind(self) -> list[str]:
        """Return the names of all files beside the final one."""
        return sorted(
            str(path.relative_to(self.path.parent)) for path in self.path.parent.rglob("*") if path != self.path
        )

    def _next(self, request, answer):
        page = request.params.get("page", 0) + 1
        return {"page": page} if page < len(self.bodies) else None

    def _pages(self, walk, stop_before, error):
        while walk.request is not None:
            page = walk.request.params.get("page", 0)
            if page == stop_before:
                raise error("stopped")
            self.fetched.append(page)
            taken = walk.take(PageAnswer(self.bodies[page].encode(), {}))
            if taken is not None:
                yield taken
        if stop_before is not None:
            raise error("stopped at the end")


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
