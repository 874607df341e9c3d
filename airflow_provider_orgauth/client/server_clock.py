"""The time at a server, as this host knows it: a token's age is judged by it.

A host's clock may be minutes off, or be set while tasks run. Hosts that share a token agree on its age all the same,
because each corrects its own clock by the ``Date`` of the token endpoint's last answer. That takes no request of its
own: the ``Date`` comes with each token.

The correction holds until this host's clock is set. That shows in the distance between the clock and one that cannot
be set, which counts from the boot on. After a step the correction is dropped, because most steps are made to set a
clock right; the next token shows whether this one was.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol

from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS, correction

STEP_SECONDS = 1.0
"""Seconds by which the clock must move against the one that cannot be set to count as set: a leap second is as long."""

# Both continue while the machine sleeps, on Linux and on macOS, which time.monotonic does on neither.
_NEVER_SET: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class TextFile(Protocol):
    """A text that the processes of one host share. Neither method raises."""

    def read(self) -> str | None:
        """Return the text, or None."""

    def write(self, text: str) -> bool:
        """Keep the text; return whether that worked."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was learned of this host's clock.

    :param seconds: to be added to the clock to have the server's time.
    :param booted_at: epoch seconds of the boot, by the clock as it was set then: tells whether it was set since.
    """

    seconds: float
    booted_at: float


class ServerClock:
    """The time at one server.

    :param wall: epoch seconds by this host's clock.
    :param boot: seconds since the boot by a clock that cannot be set; None: ``wall`` is a test's, and is used for both.
    :param file: where the processes of this host leave each other the correction; None: each learns its own.

    ``now`` gives epoch seconds by the server's clock. It is ``wall`` itself while there is nothing to correct, so that
    it costs nothing then.
    """

    now: Callable[[], float]

    def __init__(
        self, wall: Callable[[], float], *, boot: Callable[[], float] | None = None, file: TextFile | None = None
    ) -> None:
        self._wall = wall
        self.timer = boot or wall
        """Seconds that only ever grow, also while the machine sleeps: for how long a request was under way."""
        self._file = file
        self._adopt(None)

    def __call__(self) -> float:
        """Return epoch seconds by the server's clock as it is known at this moment."""
        return self.now()

    def reading(self) -> tuple[float, float]:
        """Return this moment by both clocks, for :meth:`since`."""
        return self.timer(), self._wall()

    def since(self, reading: tuple[float, float]) -> float:
        """Return the seconds since then, by whichever clock says more.

        A machine that was stopped together with its clocks does not know for how long, until one of them is set.
        """
        timer, wall = reading
        return max(self.timer() - timer, self._wall() - wall)

    def reread(self) -> None:
        """Look what other processes of this host have learned, and whether the clock was set since."""
        text = self._file.read() if self._file else None
        left = _from_text(text) if text else None
        for known in (left, self._known):
            if known is not None and self._holds(known):
                self._adopt(known)
                return
        self._adopt(None)

    def learn(self, date: float, *, took: float) -> None:
        """Take the correction from the ``Date`` of an answer that has just come, unless no clock can be so wrong.

        :param date: epoch seconds.
        :param took: seconds since the request was sent, as :meth:`since` says.
        """
        seconds = self.correction(date, took=took)
        if abs(seconds) > MAX_CORRECTION_SECONDS:
            return
        former, new = self._known.seconds if self._known else 0.0, Correction(seconds, self._booted_at())
        self._adopt(new)
        # Where it cannot be written, what is there is older than what is known here: it is not read any more, either.
        if seconds != former and self._file is not None and not self._file.write(json.dumps(asdict(new))):
            self._file = None

    def correction(self, date: float, *, took: float) -> float:
        """Return what has to be added to this host's clock at least for the ``Date`` of an answer to be right."""
        # Counted from the end: the clock may have been set while the answer was under way.
        received_at = self._wall()
        return correction(date, sent_at=received_at - max(took, 0.0), received_at=received_at)

    def time_by(self, date: float, *, took: float) -> float:
        """Return this moment by the clock that wrote the ``Date`` of an answer, without learning from it.

        :param date: epoch seconds.
        :param took: seconds since the request was sent, as :meth:`since` says.
        """
        return self._wall() + self.correction(date, took=took)

    def _adopt(self, known: Correction | None) -> None:
        self._known = known
        self.now = self._corrected if known is not None and known.seconds else self._wall

    def _corrected(self) -> float:
        known = self._known
        if known is not None and not self._holds(known):
            self.reread()
            known = self._known
        return self._wall() + (known.seconds if known else 0.0)

    def _holds(self, known: Correction) -> bool:
        return abs(self._booted_at() - known.booted_at) <= STEP_SECONDS

    def _booted_at(self) -> float:
        return self._wall() - self.timer()


CLOCKS: dict[tuple[str, Callable[[], float]], ServerClock] = {}
"""What this process knows of the time at each server; a new one knows nothing."""


def server_clock(server: str, wall: Callable[[], float], file: TextFile | None) -> ServerClock:
    """Return what this process knows of the time at ``server``.

    :param wall: epoch seconds; any other function than :func:`time.time` is a test's clock, which says nothing about
        this host's, so that ``file`` is not for it.
    """
    known = CLOCKS.get((server, wall))
    if known is not None:
        return known
    is_real = wall is time.time
    new = ServerClock(wall, boot=_since_boot, file=file) if is_real else ServerClock(wall)
    return CLOCKS.setdefault((server, wall), new)


def _since_boot() -> float:
    return time.clock_gettime(_NEVER_SET)


def _from_text(text: str) -> Correction | None:
    """Return the correction in ``text``; None: the text is no correction."""
    try:
        record = json.loads(text)
        seconds, booted_at = float(record["seconds"]), float(record["booted_at"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    if not math.isfinite(booted_at) or not abs(seconds) <= MAX_CORRECTION_SECONDS:
        return None
    return Correction(seconds, booted_at)
