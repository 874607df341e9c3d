"""One renewal at a time for each token in this process; every thread that needs it shares the outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Generic, TypeVar

from airflow_provider_orgauth import forks

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.landed: Future[T] = Future()
        self.pilot = threading.get_ident()


class SingleFlight(Generic[T]):
    """Runs one function at a time per key; callers that come meanwhile wait for its outcome."""

    def __init__(self) -> None:
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Forget the flights: a forked child has none of the threads that run them."""
        # Reentrant: a signal handler may ask for a token in the very thread that it interrupted in here.
        self._lock = threading.RLock()
        self._flights: dict[str, _Flight[T]] = {}

    def do(self, key: str, function: Callable[[], T], *, wait: bool = True) -> tuple[T | None, bool]:
        """Return what ``function`` returned, and whether this thread ran it; else another thread already did.

        None as the outcome of another thread means that it was stopped before it was done (its task was killed or
        timed out), or that ``wait`` is False and it is not done yet: look again at what is there.
        """
        mine: _Flight[T] = _Flight()
        try:
            with self._lock:
                flight = self._flights.setdefault(key, mine)
            if flight is mine:
                outcome = function()
                self._land(key, mine)
                mine.landed.set_result(outcome)
                return outcome, True
        except BaseException:
            # An exception stays in the thread that raised it: in another, its traceback would be wrong.
            self._land(key, mine)
            mine.landed.cancel()
            raise
        if not wait:
            return None, False
        if flight.pilot == mine.pilot:
            # A signal handler (on_kill), or the store itself, asks in the very thread that runs it: no wait would end.
            return function(), True
        try:
            return flight.landed.result(), False
        except CancelledError:
            return None, False

    def _land(self, key: str, flight: _Flight[T]) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
