"""A host whose clock is off, or jumps, or whose monotonic clock stands still while the machine is frozen."""

from __future__ import annotations

import time
from dataclasses import dataclass

from_boot = time.monotonic
"""The machine's own, whatever a process is made to believe: all processes of a test share it."""


@dataclass(frozen=True)
class ShiftedClock:
    """How far a host's clock is off, from when on.

    :param offsets: pairs of a second since boot, and the seconds by which the clock is ahead from then on, in order.
    """

    offsets: tuple[tuple[float, float], ...] = ()

    def ahead(self) -> float:
        """Return by how many seconds the clock is ahead now."""
        now = from_boot()
        passed = [seconds for since, seconds in self.offsets if since <= now]
        return passed[-1] if passed else 0.0


class ProcessClocks:
    """What ``time.time`` and ``time.monotonic`` say in this process.

    :ivar shift: of the wall clock.
    :ivar stood_still: seconds for which the monotonic clock did not go on.
    """

    def __init__(self) -> None:
        self.shift = ShiftedClock()
        self.stood_still = 0.0

    def install(self) -> None:
        """Let this process live by these clocks from now on."""
        wall = time.time
        time.time = lambda: wall() + self.shift.ahead()
        time.monotonic = lambda: from_boot() - self.stood_still
