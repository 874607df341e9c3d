"""Processes that take turns in virtual time: each is a generator that yields the seconds until it goes on."""

from __future__ import annotations

import heapq
from collections.abc import Generator

Process = Generator[float, None, None]


class VirtualTime:
    """A clock that jumps from event to event; events of one moment come in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Process]] = []
        self._count = 0

    def clock(self) -> float:
        """Seconds since the start."""
        return self.now

    def start(self, process: Process, *, at: float = 0.0) -> None:
        """Let a process begin ``at`` a moment."""
        self._count += 1
        heapq.heappush(self._events, (at, self._count, process))

    def run(self, until: float) -> None:
        """Let everything happen that happens before ``until``."""
        while self._events and self._events[0][0] < until:
            self.now, _, process = heapq.heappop(self._events)
            pause = next(process, None)
            if pause is not None:
                self.start(process, at=self.now + pause)
        self.now = until
