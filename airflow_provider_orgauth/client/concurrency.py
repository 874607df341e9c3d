"""How many requests may be under way at once: fewer when the server is busy or slow, then more again. Pure."""

from __future__ import annotations

from statistics import median

MIN_WINDOW = 16
"""The least number of latencies whose median is compared."""

SLOW_FACTOR = 2.0
SLOW_SECONDS = 0.1
"""A server is slow from this many times its best latency, plus this many seconds: what a busy machine adds of its own
to a few milliseconds is no reason to fetch less."""

CAUTION_FACTOR = 100
"""A return to the limit that was refused takes so many times the successes, or the server would refuse each second."""

HELPED_FACTOR = 0.9
"""Latency after two reductions, as a fraction of the one before: up to this, they have helped.

Two reductions leave 0.56 of the requests, and a server at its limit would answer in about 0.56 of the time. One is not
enough to judge by: the limit may have grown while the first latency was measured.
"""


class ConcurrencyLimit:
    """Additive increase, multiplicative decrease, as TCP has it (RFC 5681 section 3.1).

    A refusal halves the limit; as many successes as the limit raise it by one, and many more where that
    would bring it back to where the server refused. Where the server has become slow,
    it loses a quarter; if that does not help, the slowness is not ours: lists often are slower further back.

    :param most: where it starts, and what it never exceeds.
    """

    def __init__(self, most: int) -> None:
        self.now = most
        self._most = most
        self._successes = 0
        self._proven = True
        """Whether there were successes since the last refusal."""
        self._ceiling: int | None = None
        """The limit at which the server last refused after it had served."""
        self._latencies: list[float] = []
        self._best: float | None = None
        self._slow: list[float] = []
        """The latencies for which the limit was reduced, while the server is slow."""

    def refused(self) -> None:
        """Halve the limit: the server refused a request."""
        if self._proven:
            self._ceiling, self._proven = self.now, False
        self.now = max(1, self.now // 2)
        self._successes = 0
        self._slow.clear()
        self._latencies.clear()

    def succeeded(self) -> None:
        """Raise the limit by one after as many successes as it allows at once."""
        self._successes += 1
        self._proven = True
        if self._slow or self.now == self._most:
            return
        at_ceiling = self.now + 1 == self._ceiling
        if self._successes >= self.now * (CAUTION_FACTOR if at_ceiling else 1):
            self.now += 1
            self._successes = 0
            if at_ceiling:
                self._ceiling = None

    def took(self, seconds: float) -> tuple[float, float] | None:
        """Count the latency of a request that was sent since the limit was last reduced.

        Return the latency now and the best one where the limit is reduced for it; else None.
        """
        self._latencies.append(seconds)
        # Where this machine stands still for a moment, all requests under way are late. They are a quarter of a window
        # at most, so the median stays.
        if len(self._latencies) < max(MIN_WINDOW, 4 * self.now):
            return None
        latency = median(self._latencies)
        self._latencies.clear()
        return self._judge(latency)

    def _judge(self, latency: float) -> tuple[float, float] | None:
        best = self._best = latency if self._best is None else min(self._best, latency)
        if latency <= SLOW_FACTOR * best + SLOW_SECONDS:
            self._slow.clear()
            return None
        did_not_help = len(self._slow) > 1 and latency > HELPED_FACTOR * self._slow[-2]
        if did_not_help or self.now == 1:
            self._best = latency
            self._slow.clear()
            return None
        self._slow.append(latency)
        self.now -= max(1, self.now // 4)
        self._successes = 0
        return latency, best
