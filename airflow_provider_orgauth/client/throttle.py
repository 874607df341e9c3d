"""The threads that fetch the pages of one walk back off together when the server is busy, and speed up again."""

from __future__ import annotations

import threading

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client.backoff import Backoff
from airflow_provider_orgauth.client.gate import Again, Outcome
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.retry import RetryPolicy

LOOK = 0.5
"""Seconds after which a thread that waits for its turn looks whether the task is being stopped."""


class Throttle:
    """A gate for the requests of one walk.

    A busy server (429, 502, 503, 504, or no answer in time) halves how many may be under way, and none is sent before
    ``Retry-After`` has passed, or else a backoff that grows with each further refusal. That happens once for all
    requests that were under way together. A 429 counts as no attempt as long as the walk gets on: only after
    :data:`backoff.PATIENCE` without a page it is the request's outcome.

    :param most: requests that may be under way at once.
    :param retry: its waits, its clocks, and its way to be stopped.
    :param rate: a limit that holds besides.
    """

    def __init__(self, most: int, retry: RetryPolicy, rate: RateLimit | None = None) -> None:
        self._retry = retry
        self._rate = rate
        self._backoff = Backoff(most, retry)
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep what the server said. What its other threads had under way, a forked child gets no answer to."""
        self._backoff.forget_under_way()
        self._changed = threading.Condition()
        self._timekeeper = False

    def enter(self) -> int | None:
        """Wait until a request may be sent; None: stopped meanwhile."""
        while True:
            number = self._let_in()
            if number is None or self._rate is None:
                return number
            in_time = self._rate.enter() is not None
            with self._changed:
                if in_time and not self._backoff.is_outdated(number):
                    return number
                self._backoff.turn_away()
                self._changed.notify_all()
            if not in_time:
                return None

    def leave(self, entered: int, outcome: Outcome) -> Again:
        """Report how the request went that :meth:`enter` let pass."""
        if self._rate is not None:
            self._rate.leave(entered, outcome)
        with self._changed:
            again = self._backoff.came(entered, outcome)
            self._changed.notify_all()
        return again

    def _let_in(self) -> int | None:
        while True:
            with self._changed:
                # First of all: a walk whose pages all come has nothing else that would end it.
                if self._retry.cancelled.is_set():
                    return None
                pause = self._backoff.pause()
                if not pause and self._backoff.has_room:
                    return self._backoff.let_in()
                if not pause or self._timekeeper:
                    self._changed.wait(LOOK)
                    continue
                self._timekeeper = True
            # One thread lets the time pass for all.
            try:
                self._retry.pause(pause)
            finally:
                with self._changed:
                    self._timekeeper = False
                    self._changed.notify_all()
