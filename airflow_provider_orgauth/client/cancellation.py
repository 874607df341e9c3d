"""Cancel waits and attempts: all of a hook's, or only those of one list."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import TaskStoppedError


class Part(Protocol):
    """What is set together with a :class:`CancelEvent`, which holds it weakly and compares it by identity."""

    def set(self) -> None:
        """Note the stop; called in any thread."""


class CancelEvent(threading.Event):
    """An event that sets its parts as well."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: weakref.WeakSet[Part] = weakref.WeakSet()
        self._adding = threading.RLock()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep whether it is set; the threads that waited for it are not in the child."""
        is_set = self.is_set()
        super().__init__()
        self._adding = threading.RLock()
        if is_set:
            super().set()

    def part(self) -> CancelEvent:
        """Return an event that can be set alone, and is set with this one."""
        part = CancelEvent()
        self.add_part(part)
        return part

    def add_part(self, part: Part) -> None:
        """Set ``part`` with this one, for as long as something else refers to it."""
        with self._adding:
            self._parts.add(part)
        if self.is_set():
            part.set()

    def set(self) -> None:
        """Set this event, and all its parts."""
        super().set()
        with self._adding:
            parts = list(self._parts)
        for part in parts:
            part.set()


def task_stopped(what: str, *, status: int | None = None) -> TaskStoppedError:
    """Return the error for a request that is not sent, because the task is being stopped.

    :param what: what did not happen, as a clause: "GET https://host/path was not sent".
    :param status: the HTTP status of the attempt before, if there was one.
    """
    by = "marked as failed or success, cleared, timed out, or its worker shut down"
    return TaskStoppedError(f"The task was stopped ({by}): {what}.", status=status)
