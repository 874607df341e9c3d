"""One renewal at a time for each token in this process; every thread that needs it shares the outcome."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one function at a time per key; callers that come meanwhile wait for its outcome."""

    def __init__(self) -> None:
        self._forget()
        # A forked child has none of the threads that would ever land these flights.
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, Future[T]] = {}

    def do(self, key: str, function: Callable[[], T]) -> tuple[T | None, bool]:
        """Return what ``function`` returned, and whether it ran in this thread or in one that flew already.

        None as the outcome means that the other thread was stopped before it landed (its task was killed or timed
        out): look again at what is there, then call once more.
        """
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if not leads:
            try:
                return flight.result(), False
            except CancelledError:
                return None, False
        try:
            outcome = function()
        except BaseException:
            # An exception belongs to the thread that met it: raised in another, its traceback would tell lies.
            self._land(key)
            flight.cancel()
            raise
        self._land(key)
        flight.set_result(outcome)
        return outcome, True

    def _land(self, key: str) -> None:
        with self._lock:
            self._flights.pop(key, None)
