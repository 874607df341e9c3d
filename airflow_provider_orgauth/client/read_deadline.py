"""How long a server may take for the bytes of an answer, also where it sends a few at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

MIN_BYTES = 1024
"""Bytes of a body that have to come within each ``timeout``; curl calls the same rule speed limit and speed time."""


class SlowBodyError(TimeoutError):
    """The server sends, but fewer bytes than the least: the answer might never end."""


class ReadDeadline:
    """At least ``least`` bytes in every ``seconds``; or all of them, where ``least`` is infinite.

    :param seconds: None sets no limit.
    :param timer: seconds that only ever grow.
    """

    def __init__(
        self, seconds: float | None, *, least: float = math.inf, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = math.inf if seconds is None else seconds
        self._least = least
        self._timer = timer
        self._count = 0
        self._end = timer() + self.seconds

    def left(self) -> float:
        """Return the seconds that the next bytes may take.

        :raises TimeoutError: there are none left.
        """
        left = self._end - self._timer()
        if left <= 0:
            raise self.error()
        return left

    def received(self, count: int) -> None:
        """Count bytes that came."""
        self._count += count
        if self._count >= self._least:
            self._count = 0
            self._end = self._timer() + self.seconds

    def excuse(self, seconds: float) -> None:
        """Leave out seconds in which this process did not read: the server was not slow then."""
        self._end += seconds

    def error(self) -> TimeoutError:
        """Return the error for having waited too long."""
        return SlowBodyError() if self._count and self._least != math.inf else TimeoutError("timed out")
