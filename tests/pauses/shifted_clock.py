"""A host whose clock is off, or jumps: ``time.time`` of the process shows it, the monotonic clock does not."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class ShiftedClock:
    """How far a host's clock is off, from when on.

    :param offsets: pairs of a second of the monotonic clock, and the seconds by which the clock is ahead from then on,
        in order.
    """

    offsets: tuple[tuple[float, float], ...] = ()

    def ahead(self) -> float:
        """Return by how many seconds the clock is ahead now."""
        now = time.monotonic()
        passed = [seconds for since, seconds in self.offsets if since <= now]
        return passed[-1] if passed else 0.0

    def install(self) -> None:
        """Let this process live by this clock from now on."""
        if self.offsets:
            right = time.time
            time.time = lambda: right() + self.ahead()
