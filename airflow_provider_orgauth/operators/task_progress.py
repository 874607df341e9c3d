"""How far an export is, where Airflow's UI shows it while the task runs: the Task State Store tab (3.3)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)

PROGRESS_KEY = "orgauth_progress"

_LAST_STATES = ("stopped", "complete")


class TaskProgress:
    """Keeps one readable record, replaced each time. It stays when the task is done, as long as Airflow keeps it.

    Never fails: nobody waits for it but people.

    :param store: Airflow's task state store; None: there is none, before Airflow 3.3 and outside of a task.
    :param path: the file.
    """

    def __init__(self, store: Any, path: str) -> None:
        self._store = store
        self._path = path
        self._is_out_of_reach = False

    def show(self, record: Mapping[str, Any]) -> None:
        """Replace the record.

        :param record: its ``state``, and numbers by name.
        """
        is_last = record.get("state") in _LAST_STATES  # which is worth an attempt: nobody corrects it later
        if self._store is None or (self._is_out_of_reach and not is_last):
            return
        at = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            self._store.set(PROGRESS_KEY, {**record, "path": self._path, "at": at})
        except Exception as error:
            # No warning: whoever keeps what a next attempt needs meets the same, and says it.
            log.debug("The progress is not shown in Airflow's UI (%s).", type(error).__name__)
            self._is_out_of_reach = True


def of_manifest(manifest: Mapping[str, Any], *, state: str = "complete") -> dict[str, Any]:
    """Return the record of an export whose records have all come."""
    names = ("records", "total", "pages", "bytes_read", "bytes", "duration")
    return {"state": state, **{name: manifest[name] for name in names}}
