"""Save where an export stands, for the next attempt of the task to resume."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from airflow_provider_orgauth import __version__
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError

log = logging.getLogger(__name__)

SAVE_INTERVAL_SECONDS = 2.0
"""Seconds between two saves: as much work a killed attempt may lose."""


_VERSION = f"{__version__}/2"
"""Of the provider, and of what is in a state: to be counted up with each name that is new in it, or gone."""


class StateStore(Protocol):
    """Keeps one JSON value from attempt to attempt."""

    def load(self) -> Mapping[str, Any] | None:
        """Return what the last attempt saved, or None.

        :raises CannotResumeError: there is something, and it cannot be read.
        """

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the value."""

    def clear(self) -> None:
        """Delete the value."""


class Checkpoints:
    """Saves where an export stands, now and then.

    A store that fails does not fail the export: one warning, and the next attempt resumes from an older state.

    :param store: None saves nothing: the next attempt starts again.
    :param purpose: digests of what decides what the file is going to be, by the names of the arguments: what was saved
        for another file is not resumed.
    :param attempt: which attempt of the task this is, from 1. A later one says why there is nothing to resume.
    """

    def __init__(
        self,
        store: StateStore | None,
        *,
        purpose: Mapping[str, str],
        attempt: int = 1,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._purpose = dict(purpose)
        self._attempt = attempt
        self._timer = timer
        self._saved_at = timer()
        self._has_failed = False

    @property
    def kept(self) -> bool:
        """Whether anything is saved at all."""
        return self._store is not None

    def load(self) -> Mapping[str, Any] | None:
        """Return where the last attempt of this very export stopped; None: there was none before this one.

        :raises CannotResumeError: there was one, and it left nothing that this one can resume.
        """
        if self._store is None:
            self._found_nothing("no state is kept from one attempt to the next here (Airflow 3.3 keeps it)")
            return None
        try:
            saved = self._store.load()
        except CannotResumeError:
            raise
        except Exception as error:
            self._say(error)
            raise CannotResumeError(f"the task's state could not be read ({type(error).__name__})") from None
        if saved is None:
            self._found_nothing("no earlier attempt has left where it stopped")
            return None
        if not isinstance(saved, Mapping):
            raise CannotResumeError("what an earlier attempt left is no state of an export")
        if saved.get("version") != _VERSION:
            raise CannotResumeError("an earlier attempt ran with another version of this provider")
        purpose = saved.get("purpose")
        if not isinstance(purpose, Mapping) or dict(purpose) != self._purpose:
            raise CannotResumeError(f"an earlier attempt had other arguments ({self._changed(purpose)})")
        return saved

    @property
    def is_due(self) -> bool:
        """Whether it is time to save."""
        return self._store is not None and self._timer() - self._saved_at >= SAVE_INTERVAL_SECONDS

    def save(self, state: Mapping[str, Any]) -> bool:
        """Save now; return whether that worked."""
        if self._store is None:
            return False
        self._saved_at = self._timer()
        try:
            self._store.save({**state, "purpose": self._purpose, "version": _VERSION})
        except Exception as error:
            self._say(error)
            return False
        return True

    def clear(self) -> None:
        """Delete what was saved: the export is complete, or starts again."""
        if self._store is not None:
            with self.forgiving():
                self._store.clear()

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """Turn an error of the store into one warning, and wait for the next save."""
        try:
            yield
        except Exception as error:
            self._saved_at = self._timer()
            self._say(error)

    def _found_nothing(self, reason: str) -> None:
        if self._attempt > 1:
            raise CannotResumeError(reason)

    def _say(self, error: Exception) -> None:
        if not self._has_failed:
            log.warning(
                "Where the export stands is not kept: a next attempt may have to start anew (%s).", type(error).__name__
            )
        self._has_failed = True

    def _changed(self, saved: Any) -> str:
        saved = saved if isinstance(saved, Mapping) else {}
        names = {*saved, *self._purpose}
        return ", ".join(sorted(str(name) for name in names if saved.get(name) != self._purpose.get(name)))
