"""How often people may press a button that asks a server for a token. A limit of this process, for each connection."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MAX_IN_WINDOW = 3
WINDOW_SECONDS = 60.0
MAX_REMEMBERED = 1000
"""Connections and actions: those that nobody pressed for a minute are forgotten first."""


class ActionLimit:
    """Counts what was done in the last minute.

    :param timer: seconds that only ever grow.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._done: dict[tuple[str, str], deque[float]] = {}

    def seconds_to_wait(self, action: str, connection_id: str) -> float:
        """Return 0 and count the action, or the seconds after which it may be done again."""
        now = self._timer()
        with self._lock:
            if len(self._done) > MAX_REMEMBERED:
                self._done = {key: done for key, done in self._done.items() if done[-1] > now - WINDOW_SECONDS}
            done = self._done.setdefault((action, connection_id), deque(maxlen=MAX_IN_WINDOW))
            if len(done) == MAX_IN_WINDOW and done[0] > now - WINDOW_SECONDS:
                return done[0] + WINDOW_SECONDS - now
            done.append(now)
            return 0.0
