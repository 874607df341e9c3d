"""Where an export stands, kept where the next try of the task finds it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two saves: what a try that is killed may have done in vain."""


class StateStore(Protocol):
    """Keeps one JSON value from try to try."""

    def load(self) -> Mapping[str, Any] | None:
        """Return what the last try saved, or None."""

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep it in the place of what was there."""

    def clear(self) -> None:
        """Keep nothing."""


class Checkpoints:
    """Saves where an export stands, now and then.

    A store that fails does not fail the export: it is said once, and a next try has less to go on with.

    :param store: None saves nothing: the next try begins anew.
    :param purpose: a digest of what is exported; what was saved for another export is not gone on with.
    """

    def __init__(self, store: StateStore | None, *, purpose: str, timer: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._purpose = purpose
        self._timer = timer
        self._saved_at = timer()
        self._has_failed = False

    @property
    def kept(self) -> bool:
        """Whether anything is saved at all."""
        return self._store is not None

    def load(self) -> Mapping[str, Any] | None:
        """Return where the last try of this very export stood, or None."""
        saved = None
        if self._store is not None:
            with self._forgiving():
                saved = self._store.load()
        return saved if isinstance(saved, Mapping) and saved.get("purpose") == self._purpose else None

    def perhaps_save(self, state: Callable[[], Mapping[str, Any]]) -> bool:
        """Save if it is time to; tell whether it was."""
        if self._store is None or self._timer() - self._saved_at < EVERY:
            return False
        self.save(state())
        return True

    def save(self, state: Mapping[str, Any]) -> None:
        """Save now."""
        if self._store is not None:
            with self._forgiving():
                self._store.save({**state, "purpose": self._purpose})
            self._saved_at = self._timer()

    def clear(self) -> None:
        """Forget: the export is complete, or begins anew."""
        if self._store is not None:
            with self._forgiving():
                self._store.clear()

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not self._has_failed:
                log.warning(
                    "Where the export stands is not kept: a next try may have to begin anew (%s).", type(error).__name__
                )
            self._has_failed = True
