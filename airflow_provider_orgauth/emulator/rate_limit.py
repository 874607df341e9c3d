"""A limit of requests in a window of time that starts with its first request."""

from __future__ import annotations

import math
from collections.abc import Callable
from email.utils import formatdate

from airflow_provider_orgauth.emulator.messages import Answer, Pairs, api_error


class RateLimit:
    """Counts requests; the window runs on the emulator's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = -math.inf
        self._count = 0

    def wait(self, limit: int, window: float) -> float | None:
        """Count one request. Return the seconds until the next window if it is over the limit."""
        now = self._clock()
        if now >= self._started + window:
            self._started, self._count = now, 0
        self._count += 1
        return self._started + window - now if limit and self._count > limit else None


def too_many(wait: float, form: str, *, now: float) -> Answer:
    """Return 429 that says to wait so many seconds, as a number, as an HTTP-date, or not at all.

    :param now: epoch seconds of the emulator's clock, which its answers are dated by.
    """
    return api_error(429, "Too many requests.", retry_after(max(1, math.ceil(wait)), form, now=now))


def retry_after(seconds: int, form: str, *, now: float) -> Pairs:
    """Return the header of RFC 9110 section 10.2.3 in that form: ``seconds``, ``date``, or ``none`` for no header."""
    if form == "seconds":
        return (("Retry-After", str(seconds)),)
    if form == "date":
        return (("Retry-After", formatdate(now + seconds, usegmt=True)),)
    return ()
